import type { Clock } from '@fairway/host';

const firstPauseMs = 10_000;
const pauseMsMax = 300_000;
/** An image that was not asked for so long begins with short pauses again. */
const forgottenAfterMs = 2 * pauseMsMax;

interface PullFailure {
  readonly failedAtMs: number;
  readonly pauseMs: number;
  readonly why: string;
}

export interface PullPause {
  /** The last failure. */
  readonly why: string;
  /** Until the next try. */
  readonly leftMs: number;
}

/**
 * How long each pod waits before an image is asked for again that could not be had: 10 s, twice as long each
 * time, five minutes at most.
 */
export class PullPauses {
  readonly #clock: Clock;
  readonly #failures = new Map<string, PullFailure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: nothing hinders another try. */
  pause(key: string): PullPause | undefined {
    const failure = this.#failures.get(key);
    if (failure === undefined) return undefined;
    const leftMs = failure.failedAtMs + failure.pauseMs - this.#clock.elapsed();
    return leftMs <= 0 ? undefined : { why: failure.why, leftMs };
  }

  failed(key: string, why: string): void {
    const nowMs = this.#clock.elapsed();
    for (const [each, { failedAtMs }] of this.#failures) {
      if (nowMs - failedAtMs > forgottenAfterMs) this.#failures.delete(each);
    }
    const former = this.#failures.get(key)?.pauseMs;
    const pauseMs = former === undefined ? firstPauseMs : Math.min(2 * former, pauseMsMax);
    this.#failures.set(key, { failedAtMs: nowMs, pauseMs, why });
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
