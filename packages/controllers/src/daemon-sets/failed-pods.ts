import type { Clock } from '@fairway/host';

const firstWaitMs = 1_000;
const waitMsMax = 900_000;

/** How long failed pods stay, so that what fails at once is not made anew all the time. */
export class FailedPods {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #known = new Map<string, { readonly atMs: number; readonly waitMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long a failed pod at a place stays from now on; 0 when it may go. */
  waitMs(place: string): number {
    const known = this.#known.get(place);
    if (known === undefined) return 0;
    return Math.max(0, known.atMs + known.waitMs - this.#clock.elapsed());
  }

  /** A pod at a place goes: the next one that fails there stays twice as long. */
  count(place: string): void {
    const nowMs = this.#clock.elapsed();
    // What has not failed for long begins anew.
    for (const [key, { atMs }] of this.#known) {
      if (nowMs - atMs <= 2 * waitMsMax) break;
      this.#known.delete(key);
    }
    const before = this.#known.get(place)?.waitMs;
    const waitMs = before === undefined ? firstWaitMs : Math.min(2 * before, waitMsMax);
    this.#known.delete(place);
    this.#known.set(place, { atMs: nowMs, waitMs });
  }
}
