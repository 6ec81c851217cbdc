import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { readiness } from '@fairway/client/sockets';
import type { Clock } from '@fairway/host';
import type { Road } from '../step.ts';

/** What a server shows of itself in a handshake. Nothing of it is believed yet. */
export interface Presented {
  /** The server's own certificate first, then who has issued it, as far as that is known. */
  readonly chain: readonly X509Certificate[];
  /** Why OpenSSL does not trust the chain: `CERT_HAS_EXPIRED`. Absent: it does. */
  readonly doubt?: string;
  /** `TLSv1.3` */
  readonly protocol: string;
  /** The protocol that the server chose of HTTP/2 and HTTP/1.1; absent when it chose none. */
  readonly alpn?: string;
}

/**
 * Shakes hands with a server, whoever it is, and hangs up: nothing secret is sent, and no certificate of ours.
 *
 * Errors: `ConnectionError`.
 */
export async function presentCertificate(
  road: Road,
  to: {
    /** `https://HOST:PORT`, for messages. */
    readonly origin: string;
    readonly name: string;
    /** PEM; those of the system when absent. */
    readonly authority?: string;
    readonly clock: Clock;
    readonly timeoutMs: number;
  },
  signal: AbortSignal,
): Promise<Presented> {
  const { origin, name, authority, clock, timeoutMs } = to;
  const socket = connectTls({
    socket: await road(signal),
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(authority === undefined ? {} : { ca: authority }),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2', 'http/1.1'],
    // The chain is to be read whatever it is; it is judged by itself, and nothing is sent.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    const step = 'the TLS handshake was not complete';
    await readiness(socket, 'secureConnect', { server: origin, clock, timeoutMs, step, signal });
    return read(socket);
  } finally {
    socket.on('error', () => {}).destroy();
  }
}

function read(socket: TLSSocket): Presented {
  const { authorizationError, alpnProtocol } = socket;
  // Typed as an error, and the code of one.
  const doubt = authorizationError as unknown as string | undefined;
  return {
    chain: chainFrom(socket.getPeerX509Certificate()),
    protocol: socket.getProtocol() ?? '',
    ...(doubt ? { doubt } : {}),
    ...(alpnProtocol ? { alpn: alpnProtocol } : {}),
  };
}

function chainFrom(leaf: X509Certificate | undefined): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = leaf;
  while (next !== undefined) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}
