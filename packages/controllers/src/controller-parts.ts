import type { Client } from '@fairway/client';
import type { Logger } from '@fairway/host';
import type { Informers } from '@fairway/reconcile';

/** What every controller of the cluster is made of. */
export interface ControllerParts {
  /** Acts with the rights of this controller. */
  readonly client: Client;
  /** Caches that the controllers share. */
  readonly informers: Informers;
  readonly logger: Logger;
  /** The certificate of the API server's authority, in PEM. */
  readonly authorityCertificate: string;
}
