import { type Socket, isIP } from 'node:net';
import { type TLSSocket, checkServerIdentity, connect as connectTls } from 'node:tls';
import { plainHost } from '@fairway/protocol';
import { connectSocket, portOf, readiness } from './connect-socket.ts';
import { untilAborted } from './attempt.ts';
import type { SocketPlan, TlsPlan } from './socket-plan.ts';

/** Keep-alive probes begin after this long; they find a peer that is gone for ever. */
const keepAliveDelayMs = 30_000;

/**
 * Opens a connection, encrypted and verified when the server is https.
 *
 * Errors: `ConnectionError` with `isUnsent`; or the reason of `signal`.
 */
export async function openSocket(
  plan: SocketPlan,
  alpn: readonly string[],
  signal?: AbortSignal,
): Promise<Socket | TLSSocket> {
  const raw = await openRaw(plan, signal);
  raw.setNoDelay(true);
  raw.setKeepAlive(true, keepAliveDelayMs);
  const { tls } = plan;
  const socket = tls === undefined ? raw : await encrypt(raw, { plan, tls, alpn }, signal);
  // It may fail before it has a user, who then finds it in `errored`.
  return socket.on('error', () => {});
}

async function openRaw(plan: SocketPlan, signal?: AbortSignal): Promise<Socket> {
  if (plan.openStream !== undefined) return openOver(plan.openStream, signal);
  if (plan.proxyUrl === undefined) {
    return connectSocket(
      plan,
      { host: plainHost(plan.server.hostname), port: portOf(plan.server) },
      signal,
    );
  }
  // Few go through a proxy; the others need not load how.
  const { openTunnel } = await import('./proxy-tunnel.ts');
  return openTunnel({ ...plan, proxyUrl: plan.proxyUrl }, signal);
}

async function openOver(
  openStream: NonNullable<SocketPlan['openStream']>,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const opening = openStream();
  try {
    const stream = await (signal === undefined ? opening : untilAborted(opening, signal));
    const { streamSocket } = await import('./stream-socket.ts');
    return streamSocket(stream);
  } catch (error) {
    // It may come although nobody waits for it any more.
    opening.then(
      (stream) => stream.destroy(),
      () => {},
    );
    throw error;
  }
}

async function encrypt(
  raw: Socket,
  to: { readonly plan: SocketPlan; readonly tls: TlsPlan; readonly alpn: readonly string[] },
  signal?: AbortSignal,
): Promise<TLSSocket> {
  const { plan, tls, alpn } = to;
  const name = tls.serverName ?? plainHost(plan.server.hostname);
  const socket = connectTls({
    socket: raw,
    secureContext: tls.context,
    // Source: RFC 6066 §3, no addresses in SNI.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: !tls.isInsecure,
    ALPNProtocols: [...alpn],
  });
  await readiness(socket, 'secureConnect', {
    server: plan.server.origin,
    clock: plan.clock,
    timeoutMs: plan.handshakeTimeoutMs,
    step: 'the TLS handshake was not complete',
    signal,
  });
  return socket;
}
