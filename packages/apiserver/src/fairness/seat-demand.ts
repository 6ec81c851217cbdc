import type { Clock } from '@fairway/host';

/** How many seats a level would have used in a span of time, had it had them. */
export interface ObservedDemand {
  readonly average: number;
  readonly deviation: number;
  readonly most: number;
}

/** Watches a number that changes, weighted by time. */
export class SeatDemand {
  readonly #clock: Clock;
  #value = 0;
  #most = 0;
  #sinceMs: number;
  #atMs: number;
  #sum = 0;
  #sumOfSquares = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = this.#atMs = clock.elapsed();
  }

  set(value: number): void {
    this.#advance();
    this.#value = value;
    if (value > this.#most) this.#most = value;
  }

  /** What was observed since this was called last. */
  take(): ObservedDemand {
    this.#advance();
    const spanMs = this.#atMs - this.#sinceMs;
    const average = spanMs > 0 ? this.#sum / spanMs : this.#value;
    const variance = spanMs > 0 ? this.#sumOfSquares / spanMs - average ** 2 : 0;
    const observed = {
      average,
      deviation: Math.sqrt(Math.max(0, variance)),
      most: this.#most,
    };
    this.#sinceMs = this.#atMs;
    this.#sum = this.#sumOfSquares = 0;
    this.#most = this.#value;
    return observed;
  }

  #advance(): void {
    const nowMs = this.#clock.elapsed();
    const spanMs = nowMs - this.#atMs;
    this.#sum += spanMs * this.#value;
    this.#sumOfSquares += spanMs * this.#value ** 2;
    this.#atMs = nowMs;
  }
}
