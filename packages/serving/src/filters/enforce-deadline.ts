import type { Clock } from '@fairway/host';
import { type Handler, type HttpRequest, type HttpResponse, apiError } from '@fairway/protocol';
import { releaseBody } from '../pump-body.ts';
import { onBodyEnd } from './on-body-end.ts';

export interface DeadlineOptions<Request extends HttpRequest> {
  readonly clock: Clock;
  /** 60 s is what a Kubernetes API allows. */
  readonly timeoutMs?: number;
  /** Watches, logs, exec: they last as long as they last. */
  readonly isLongRunning: (request: Request) => boolean;
}

/**
 * Answers 504 when no response has begun after `timeoutMs`, and aborts the signal of the handler
 * that still works on it. A response that has begun is bounded by the reader's pace instead.
 */
export function enforceDeadline<Request extends HttpRequest>(
  options: DeadlineOptions<Request>,
  next: Handler<Request>,
): Handler<Request> {
  const { clock, timeoutMs = 60_000, isLongRunning } = options;
  return async (request) => {
    if (isLongRunning(request)) return await next(request);
    const controller = new AbortController();
    const { signal } = request;
    const onAbort = (): void => controller.abort(signal.reason);
    // Callers inside the process share one signal among all their calls for as long as they live.
    const letGo = (): void => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    const { promise: deadline, reject } = Promise.withResolvers<never>();
    const timer = clock.schedule(timeoutMs, () => {
      const error = timeout();
      // Resolve before aborting: errors that the abort causes in inner handlers are then ignored.
      reject(error);
      controller.abort(error);
    });
    let response: HttpResponse;
    const answer = next({ ...request, signal: controller.signal });
    try {
      response = await Promise.race([answer, deadline]);
    } catch (error) {
      letGo();
      // What comes after the 504 is read by nobody: its source is told to let go.
      answer.then(
        ({ body }) => releaseBody(body),
        () => {},
      );
      throw error;
    } finally {
      timer.cancel();
    }
    return onBodyEnd(response, letGo);
  };
}

function timeout(): Error {
  return apiError('Timeout', 'Timeout: request did not complete within the allotted timeout');
}
