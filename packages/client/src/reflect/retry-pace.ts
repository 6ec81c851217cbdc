import type { Clock, Random } from '@fairway/host';

const delayMsMin = 800;
/**
 * While the server is away an attempt costs next to nothing, and its return should be noticed soon.
 */
const awayDelayMsMax = 3_000;
/** Who answers with a failure has work with every attempt. */
const refusedDelayMsMax = 30_000;
/** After this long without a failure the next one is the first again. */
const calmMs = 120_000;
/** Those whose watches were cut in the same moment come back within so long. */
const resumeSpreadMs = 1_000;

/** `away`: there was no answer. `refused`: the server answered with an error. */
export type Failure = 'away' | 'refused';

/**
 * How long to wait before the next attempt: 0.8 s, doubled each time, and stretched by chance up to
 * double, so that many clients do not come back at once. A server that is away is asked every 3 to
 * 6 s in the end, so that all clients have noticed its return within 10 s; one that refuses, every
 * 30 to 60.
 *
 * Decision: docs/decisions/0011-back-within-ten-seconds.md.
 */
export class RetryPace {
  readonly #clock: Clock;
  readonly #random: Random;
  #awayMs = delayMsMin;
  #refusedMs = delayMsMin;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The delay after one more failure. */
  nextDelayMs(failure: Failure): number {
    const nowMs = this.#clock.elapsed();
    if (nowMs - this.#askedAtMs >= calmMs) this.#awayMs = this.#refusedMs = delayMsMin;
    const leastMs = failure === 'away' ? this.#awayMs : this.#refusedMs;
    const delayMs = leastMs * (1 + this.#random.fraction());
    if (failure === 'away') {
      this.#awayMs = Math.min(leastMs * 2, awayDelayMsMax);
      // A server that has just restarted may refuse for a moment, until it has loaded its roles.
      this.#refusedMs = delayMsMin;
    } else {
      this.#refusedMs = Math.min(leastMs * 2, refusedDelayMsMax);
    }
    // The wait itself is no calm.
    this.#askedAtMs = nowMs + delayMs;
    return delayMs;
  }

  /** The delay before a watch that was cut is taken up, which is no failure yet. */
  resumeDelayMs(): number {
    return this.#random.fraction() * resumeSpreadMs;
  }
}
