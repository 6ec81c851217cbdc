import type { NameServer } from './ask-server.ts';

/** A place where names are asked for. */
export interface NamesPort extends AsyncDisposable {
  /** Where it really is. */
  readonly address: NameServer;
  /** Rejects when nobody can ask there any more. */
  readonly failed: Promise<never>;
}
