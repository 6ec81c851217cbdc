import { type Socket, connect as connectTcp, isIP } from 'node:net';
import {
  type SecureContext,
  type TLSSocket,
  checkServerIdentity,
  connect as connectTls,
} from 'node:tls';
import type { Clock, Secret } from '@fairway/host';
import { plainHost } from './choose-proxy.ts';
import { ConnectionError } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';

/** How to get a connection to a server. */
export interface SocketPlan {
  readonly server: URL;
  /** Absent for an `http:` server. */
  readonly tls?: TlsPlan;
  /** A secret, because it may hold a password. */
  readonly proxyUrl?: Secret | undefined;
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
  if (plan.proxyUrl === undefined) {
    return connect(
      plan,
      { host: plainHost(plan.server.hostname), port: portOf(plan.server) },
      signal,
    );
  }
  // Few go through a proxy; the others need not load how.
  const { openTunnel } = await import('./proxy-tunnel.ts');
  return openTunnel({ ...plan, proxyUrl: plan.proxyUrl }, signal);
}

/** Opens a TCP connection. */
export async function connect(
  plan: Pick<SocketPlan, 'server' | 'clock' | 'connectTimeoutMs'>,
  to: { readonly host: string; readonly port: number },
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = connectTcp({ ...to, noDelay: true });
  await readiness(socket, 'connect', {
    server: plan.server.origin,
    clock: plan.clock,
    timeoutMs: plan.connectTimeoutMs,
    step: 'there was no connection',
    signal,
  });
  return socket;
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

/** Waits until a socket is usable; destroys it when that fails, takes too long or is not wanted. */
export function readiness(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  bound: {
    readonly server: string;
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly step: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { server, clock, timeoutMs, step, signal } = bound;
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeoutMs, () => fail(timedOut(server, step, timeoutMs)));
    const onReady = (): void => {
      settle();
      resolve();
    };
    const onError = (cause: Error): void => fail(explainFailure(cause, { server, isUnsent: true }));
    const onClose = (): void => onError(closedEarly());
    const onAbort = (): void => fail(signal?.reason as Error);
    const settle = (): void => {
      timer.cancel();
      socket.off(event, onReady).off('error', onError).off('close', onClose);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      settle();
      // What a destroyed socket still has to say is of no interest any more.
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    socket.once(event, onReady).once('error', onError).once('close', onClose);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

/** The port of a URL, with the default of its scheme. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function timedOut(server: string, step: string, timeoutMs: number): ConnectionError {
  return new ConnectionError({
    problem: 'timeout',
    message: `${server}: ${step} after ${timeoutMs} ms`,
    remedy: 'check the address and the network',
    server,
    isUnsent: true,
  });
}

function closedEarly(): Error {
  return Object.assign(new Error('closed while connecting'), { code: 'ECONNRESET' });
}
