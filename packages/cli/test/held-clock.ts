import type { Clock, Timer } from '@fairway/host';

/** The clock of the machine, but for timers of one length: those run when a test lets them. */
export class HeldClock implements Clock {
  readonly #clock: Clock;
  readonly #heldMs: number;
  readonly #held = new Set<() => void>();
  #arrived = Promise.withResolvers<void>();

  constructor(clock: Clock, heldMs: number) {
    this.#clock = clock;
    this.#heldMs = heldMs;
  }

  /** Resolves when a timer of that length runs. */
  get held(): Promise<void> {
    return this.#arrived.promise;
  }

  now(): number {
    return this.#clock.now();
  }

  elapsed(): number {
    return this.#clock.elapsed();
  }

  schedule(...[delayMs, run, options]: Parameters<Clock['schedule']>): Timer {
    if (delayMs !== this.#heldMs) return this.#clock.schedule(delayMs, run, options);
    this.#held.add(run);
    this.#arrived.resolve();
    return { cancel: () => void this.#held.delete(run) };
  }

  /** Its time has come for all of them. */
  release(): void {
    const runs = [...this.#held];
    this.#held.clear();
    this.#arrived = Promise.withResolvers<void>();
    for (const run of runs) run();
  }
}
