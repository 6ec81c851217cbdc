import type { Clock } from '@fairway/host';

/** Says how long a key that failed has to wait. */
export interface RateLimiter {
  /** Counts one more failure of a key. */
  delayMs(key: string): number;
  /** The key has succeeded, or is not wanted any more. */
  forget(key: string): void;
  /** Failures since the key was last forgotten. */
  failures(key: string): number;
}

/** 5 ms after the first failure of a key, twice as long after each further one, 1000 s at most. */
export function exponentialLimiter({ firstMs = 5, maxMs = 1_000_000 } = {}): RateLimiter {
  return countingLimiter((failures) => Math.min(firstMs * 2 ** failures, maxMs));
}

/** A short delay for the first failures of a key, a long one for the rest. */
export function fastSlowLimiter(delays: {
  readonly fastMs: number;
  readonly slowMs: number;
  readonly fastCount: number;
}): RateLimiter {
  const { fastMs, slowMs, fastCount } = delays;
  return countingLimiter((failures) => (failures < fastCount ? fastMs : slowMs));
}

/** So many a second over all keys, and a burst of them at once. */
export function tokenBucketLimiter(
  clock: Clock,
  { perSecond = 10, burst = 100 }: { readonly perSecond?: number; readonly burst?: number } = {},
): RateLimiter {
  let tokens = burst;
  let countedAtMs = clock.elapsed();
  return {
    delayMs() {
      const nowMs = clock.elapsed();
      tokens = Math.min(burst, tokens + ((nowMs - countedAtMs) / 1000) * perSecond);
      countedAtMs = nowMs;
      tokens -= 1;
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
    },
    forget() {},
    failures: () => 0,
  };
}

/** The longest delay that any of several limiters asks for. */
export function strictestLimiter(limiters: readonly RateLimiter[]): RateLimiter {
  return {
    delayMs: (key) => Math.max(0, ...limiters.map((limiter) => limiter.delayMs(key))),
    forget: (key) => limiters.forEach((limiter) => limiter.forget(key)),
    failures: (key) => Math.max(0, ...limiters.map((limiter) => limiter.failures(key))),
  };
}

function countingLimiter(delayAfter: (failures: number) => number): RateLimiter {
  const counts = new Map<string, number>();
  return {
    delayMs(key) {
      const failures = counts.get(key) ?? 0;
      counts.set(key, failures + 1);
      return delayAfter(failures);
    },
    forget: (key) => void counts.delete(key),
    failures: (key) => counts.get(key) ?? 0,
  };
}
