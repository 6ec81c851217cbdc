/** Some ten milliseconds. */
const stepsBetweenPauses = 1_000_000;

/** Counts what one walk or search does, in steps of about ten nanoseconds. */
export class Effort {
  readonly #stepsMax: number;
  #steps = 0;
  #nextPause = stepsBetweenPauses;

  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax;
  }

  /** True once it has done all that it may; it ends as soon as it can. */
  get isSpent(): boolean {
    return this.#steps > this.#stepsMax;
  }

  add(steps: number): void {
    this.#steps += steps;
  }

  /** True when it is time to pause. */
  isPauseDue(): boolean {
    if (this.#steps < this.#nextPause) return false;
    this.#nextPause = this.#steps + stepsBetweenPauses;
    return true;
  }
}
