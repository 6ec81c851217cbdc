import { type Handler, type HttpRequest, type HttpResponse, apiError } from '@fairway/protocol';
import { onBodyEnd } from './on-body-end.ts';

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
    return onBodyEnd(response, release);
  };
}

function tooMany(): Error {
  const message = 'Too many requests, please try again later.';
  return apiError('TooManyRequests', message, { retryAfterSeconds: 1 });
}
