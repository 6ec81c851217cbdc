import type { Secret } from '@fairway/host';

/** The texts of the files that a selection names, as they were when it was checked. */
export interface CheckedFiles {
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: Secret;
  /** Authorities of an OpenID Connect issuer. */
  readonly issuerAuthority?: string;
}
