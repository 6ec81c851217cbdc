import { type Clock, sleep } from '@fairway/host';
import type { Handler, HttpRequest } from '@fairway/protocol';
import { isLongRunning } from './attempt.ts';

/** So many requests a second over all calls, and a burst of them at once. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Resolves when a request may be sent. Errors: the reason of its signal. */
export type Admit = (request: HttpRequest) => Promise<void>;

/**
 * Lets requests pass in the order in which they come, at the pace of a limit. Watches and the like
 * pass at once.
 *
 * Errors: `RangeError` for a limit that lets nothing pass.
 */
export function rateLimiter(clock: Clock, { perSecond, burst }: RateLimit): Admit {
  if (!(perSecond > 0) || !(burst >= 1)) {
    throw new RangeError(
      `rateLimit lets nothing pass: perSecond is ${perSecond} and must be more than 0, burst is ${burst} and must be at least 1`,
    );
  }
  let tokens = burst;
  let countedAtMs = clock.elapsed();
  return async (request) => {
    if (isLongRunning(request)) return;
    const nowMs = clock.elapsed();
    tokens = Math.min(burst, tokens + ((nowMs - countedAtMs) / 1_000) * perSecond);
    countedAtMs = nowMs;
    // Below zero are the turns of those who wait.
    tokens -= 1;
    if (tokens < 0) await sleep(clock, (-tokens / perSecond) * 1_000, request.signal);
  };
}

/** Sends each request in its turn. */
export function limitRate(admit: Admit, next: Handler): Handler {
  return async (request) => {
    await admit(request);
    return next(request);
  };
}
