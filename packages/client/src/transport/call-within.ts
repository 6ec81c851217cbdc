import type { Clock } from '@fairway/host';
import { ConnectionError } from './connection-error.ts';

/**
 * Makes a call that is given up after `timeoutMs`, or as soon as the signal aborts, even when what
 * carries it out does not listen.
 */
export function callWithin<T>(
  limits: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    /** For the message: `GET /api/v1/nodes`. */
    readonly what?: string;
  },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, timeoutMs, signal, what } = limits;
  const ending = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeoutMs, () => end(overdue(timeoutMs, what)));
    const onAbort = (): void => end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    function settled(): void {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
    function end(reason: unknown): void {
      settled();
      ending.abort(reason);
      reject(reason as Error);
    }
    if (signal.aborted) return onAbort();
    call(ending.signal).finally(settled).then(resolve, reject);
  });
}

function overdue(timeoutMs: number, what?: string): ConnectionError {
  return new ConnectionError({
    problem: 'timeout',
    message: `${what === undefined ? '' : `${what}: `}there was no complete answer within ${timeoutMs} ms`,
    remedy: 'allow more time, or ask for less',
  });
}
