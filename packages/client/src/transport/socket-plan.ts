import type { SecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Clock, Secret } from '@fairway/host';

/** How to get a connection to a server. */
export interface SocketPlan {
  readonly server: URL;
  /** Absent for an `http:` server. */
  readonly tls?: TlsPlan;
  /** A secret, because it may hold a password. */
  readonly proxyUrl?: Secret | undefined;
  /** Instead of a connection to the address of the server. */
  readonly openStream?: (() => Promise<Duplex>) | undefined;
  readonly clock: Clock;
  /** Bound on the connection, through a proxy or not. */
  readonly connectTimeoutMs: number;
  /** Bound on the TLS handshake that follows. */
  readonly handshakeTimeoutMs: number;
}

export interface TlsPlan {
  readonly context: SecureContext;
  /** The name to ask for and to verify, instead of the host of the URL. */
  readonly serverName?: string | undefined;
  readonly isInsecure: boolean;
}
