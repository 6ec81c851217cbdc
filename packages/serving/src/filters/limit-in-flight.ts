import { type Handler, type HttpRequest, type UpgradeHandler, apiError } from '@fairway/protocol';
import { type Answers, type ReplyForm, responses, upgrades } from './reply-form.ts';

export interface InFlightOptions<Request extends HttpRequest> {
  /** What is counted, for the refusal: `requests`. */
  readonly what: string;
  /** So many of the same key at once. */
  readonly requestsMax: number;
  /** Requests with the same key are counted together; those without one are not. */
  readonly keyOf: (request: Request) => string | undefined;
  /** Told of each request that is refused. */
  readonly onRefused?: (request: Request) => void;
}

/**
 * Answers 429 with `Retry-After: 1` while `requestsMax` requests of the same key are being answered
 * already. A stream counts until it ends.
 */
export function limitInFlight<Request extends HttpRequest>(
  options: InFlightOptions<Request>,
  next: Handler<Request>,
): Handler<Request> {
  return limit(responses, options, next);
}

/** The same for upgrades: a stream counts until it is closed. */
export function limitUpgrades<Request extends HttpRequest>(
  options: InFlightOptions<Request>,
  next: UpgradeHandler<Request>,
): UpgradeHandler<Request> {
  return limit(upgrades, options, next);
}

function limit<Request extends HttpRequest, Reply>(
  form: ReplyForm<Reply>,
  { what, requestsMax, keyOf, onRefused }: InFlightOptions<Request>,
  next: Answers<Request, Reply>,
): Answers<Request, Reply> {
  const inFlight = new Map<string, number>();
  return async (request) => {
    const key = keyOf(request);
    if (key === undefined) return await next(request);
    const before = inFlight.get(key) ?? 0;
    if (before >= requestsMax) {
      onRefused?.(request);
      throw tooMany(what);
    }
    inFlight.set(key, before + 1);
    const release = (): void => {
      const left = (inFlight.get(key) ?? 0) - 1;
      if (left > 0) inFlight.set(key, left);
      else inFlight.delete(key);
    };
    let reply: Reply;
    try {
      reply = await next(request);
    } catch (error) {
      release();
      throw error;
    }
    return form.onEnd(reply, release);
  };
}

function tooMany(what: string): Error {
  const message = `Too many ${what}, please try again later.`;
  return apiError('TooManyRequests', message, { retryAfterSeconds: 1 });
}
