import type { Clock } from '@fairway/host';
import type { Handler, HttpBody, HttpRequest } from '@fairway/protocol';
import { isLongRunning } from './attempt.ts';
import { ConnectionError } from './connection-error.ts';

/** Ends a request, with all its tries and its body, after `timeoutMs`. Not watches and the like. */
export function limitTime(
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
  next: Handler,
): Handler {
  return async (request) => {
    if (isLongRunning(request)) return next(request);
    const controller = new AbortController();
    const timer = clock.schedule(timeoutMs, () => controller.abort(tooLong(request, timeoutMs)));
    const signal = AbortSignal.any([request.signal, controller.signal]);
    try {
      const response = await next({ ...request, signal });
      const { body } = response;
      if (body === undefined || body instanceof Uint8Array) {
        timer.cancel();
        return response;
      }
      return { ...response, body: endingTimer(body, timer) };
    } catch (error) {
      timer.cancel();
      throw error;
    }
  };
}

async function* endingTimer(
  body: Exclude<HttpBody, Uint8Array | undefined>,
  timer: { cancel(): void },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } finally {
    timer.cancel();
  }
}

function tooLong(request: HttpRequest, timeoutMs: number): ConnectionError {
  return new ConnectionError({
    problem: 'timeout',
    message: `${request.method} ${request.path} took longer than ${timeoutMs} ms`,
    remedy: 'raise the request timeout, or ask for less',
  });
}
