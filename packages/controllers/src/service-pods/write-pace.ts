import type { Clock } from '@fairway/host';

/** How long a service with so many pods waits between two writes for them, per pod. */
const pauseMsPerPod = 0.1;
const pauseMsMax = 1_000;

/**
 * Lets changes of many pods become one write. What is written for a service grows with its pods, so to
 * write it for each of them would cost the square of their number.
 */
export class WritePace {
  readonly #clock: Clock;
  readonly #lastMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next write has to wait; 0 for one that need not. */
  pauseMs(key: string, podCount: number): number {
    const lastMs = this.#lastMs.get(key);
    if (lastMs === undefined) return 0;
    const pauseMs = Math.floor(Math.min(pauseMsMax, podCount * pauseMsPerPod));
    return Math.max(0, lastMs + pauseMs - this.#clock.elapsed());
  }

  noteWrite(key: string): void {
    this.#lastMs.set(key, this.#clock.elapsed());
  }

  forget(key: string): void {
    this.#lastMs.delete(key);
  }
}
