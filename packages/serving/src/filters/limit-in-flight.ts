import { type Handler, type HttpRequest, type HttpResponse, apiError } from '@fairway/protocol';

export interface InFlightOptions {
  readonly requestsMax: number;
  /** Requests that are not counted, because they stay for hours. */
  readonly isLongRunning: (request: HttpRequest) => boolean;
}

/** Answers 429 with `Retry-After: 1` while `requestsMax` requests are being answered already. */
export function limitInFlight<Request extends HttpRequest>(
  options: InFlightOptions,
  next: Handler<Request>,
): Handler<Request> {
  let inFlight = 0;
  const release = (): void => void (inFlight -= 1);
  return async (request) => {
    if (options.isLongRunning(request)) return await next(request);
    if (inFlight >= options.requestsMax) throw tooMany();
    inFlight += 1;
    let response: HttpResponse;
    try {
      response = await next(request);
    } catch (error) {
      release();
      throw error;
    }
    const { body } = response;
    if (body !== undefined && !(body instanceof Uint8Array)) {
      return { ...response, body: withEnd(body, release) };
    }
    release();
    return response;
  };
}

// Not a generator: its `finally` would not run when the reader leaves before the first chunk.
function withEnd(body: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = body[Symbol.asyncIterator]();
      let hasEnded = false;
      const end = (): void => {
        if (!hasEnded) onEnd();
        hasEnded = true;
      };
      return {
        async next() {
          try {
            const result = await iterator.next();
            if (result.done === true) end();
            return result;
          } catch (error) {
            end();
            throw error;
          }
        },
        async return() {
          end();
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function tooMany(): Error {
  const message = 'Too many requests, please try again later.';
  return apiError('TooManyRequests', message, { retryAfterSeconds: 1 });
}
