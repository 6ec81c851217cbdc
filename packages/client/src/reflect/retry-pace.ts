import type { Clock, Random } from '@fairway/host';

const delayMsMin = 800;
const delayMsMax = 30_000;
/** After this long without a failure the next one is the first again. */
const calmMs = 120_000;

/**
 * How long to wait before the next attempt: 0.8 s, doubled each time up to 30 s, and stretched by
 * chance up to double, so that many clients do not come back at once.
 */
export class RetryPace {
  readonly #clock: Clock;
  readonly #random: Random;
  #nextMs = delayMsMin;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The delay after one more failure. */
  nextDelayMs(): number {
    const nowMs = this.#clock.elapsed();
    if (nowMs - this.#askedAtMs >= calmMs) this.#nextMs = delayMsMin;
    const delayMs = this.#nextMs * (1 + this.#random.fraction());
    this.#nextMs = Math.min(this.#nextMs * 2, delayMsMax);
    // The wait itself is no calm.
    this.#askedAtMs = nowMs + delayMs;
    return delayMs;
  }
}
