import { type Socket, connect } from 'node:net';
import type { Clock } from '@fairway/host';
import { ConnectionError } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';
import type { SocketPlan } from './socket-plan.ts';

/** Opens a TCP connection. */
export async function connectSocket(
  plan: Pick<SocketPlan, 'server' | 'clock' | 'connectTimeoutMs'>,
  to: { readonly host: string; readonly port: number },
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = connect({ ...to, noDelay: true });
  await readiness(socket, 'connect', {
    server: plan.server.origin,
    clock: plan.clock,
    timeoutMs: plan.connectTimeoutMs,
    step: 'there was no connection',
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
      // Errors of a destroyed socket are ignored.
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
