import type { Socket } from 'node:net';
import type { NameServer } from './ask-server.ts';

/** A place where names are asked for. */
export interface NamesPort extends AsyncDisposable {
  /** Where it really is. */
  readonly address: NameServer;
  /** Rejects when nobody can ask there any more. */
  readonly failed: Promise<never>;
}

/** Another way to be asked than a port of this machine. */
export interface NamesDoor {
  /** Where it is for who asks. */
  readonly address: NameServer;
  /** Has what comes there answered. Errors: the system's. */
  readonly open: (answers: {
    readonly datagram: (message: Buffer) => Buffer | undefined | Promise<Buffer | undefined>;
    readonly connection: (socket: Socket) => void;
  }) => Promise<AsyncDisposable>;
}
