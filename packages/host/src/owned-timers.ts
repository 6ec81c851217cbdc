import type { Clock, Timer } from './clock.ts';

/**
 * A clock whose timers end with their owner: once it is disposed of, none of them waits any more,
 * and none begins. For what forgets after a while and has no end of its own.
 */
export class OwnedTimers implements Clock, Disposable {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  elapsed(): number {
    return this.#clock.elapsed();
  }

  schedule(...[delayMs, run, options]: Parameters<Clock['schedule']>): Timer {
    if (this.#isOver) return { cancel: () => {} };
    const timer = this.#clock.schedule(
      delayMs,
      () => {
        this.#timers.delete(timer);
        run();
      },
      options,
    );
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
