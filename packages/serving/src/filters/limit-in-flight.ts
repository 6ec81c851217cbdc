import { type Handler, type HttpRequest, type HttpResponse, apiError } from '@fairway/protocol';
import { onBodyEnd } from './on-body-end.ts';

export interface InFlightOptions<Request extends HttpRequest> {
  /** What is counted, for the refusal: `requests`. */
  readonly what: string;
  /** So many of the same key at once. */
  readonly requestsMax: number;
  /** Requests with the same key are counted together; those without one are not. */
  readonly keyOf: (request: Request) => string | undefined;
}

/**
 * Answers 429 with `Retry-After: 1` while `requestsMax` requests of the same key are being answered
 * already. A stream counts until it ends.
 */
export function limitInFlight<Request extends HttpRequest>(
  { what, requestsMax, keyOf }: InFlightOptions<Request>,
  next: Handler<Request>,
): Handler<Request> {
  const inFlight = new Map<string, number>();
  return async (request) => {
    const key = keyOf(request);
    if (key === undefined) return await next(request);
    const before = inFlight.get(key) ?? 0;
    if (before >= requestsMax) throw tooMany(what);
    inFlight.set(key, before + 1);
    const release = (): void => {
      const left = (inFlight.get(key) ?? 0) - 1;
      if (left > 0) inFlight.set(key, left);
      else inFlight.delete(key);
    };
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

function tooMany(what: string): Error {
  const message = `Too many ${what}, please try again later.`;
  return apiError('TooManyRequests', message, { retryAfterSeconds: 1 });
}
