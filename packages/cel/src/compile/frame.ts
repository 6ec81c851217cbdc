import type { Result } from '../values/value.ts';
import type { Effort } from '../patterns/effort.ts';
import { CostExceeded, Work } from '../values/work.ts';

/** A part of an expression, ready to run. */
export type Run = (frame: Frame) => Result;

/** What one evaluation works on: its variables, and what it has cost until now. */
export class Frame extends Work {
  readonly slots: Result[];
  cost = 0;
  readonly #costMax: number;

  constructor(slots: Result[], costMax: number, matching: Effort | undefined) {
    super(matching);
    this.slots = slots;
    this.#costMax = costMax;
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#costMax) throw new CostExceeded();
  }
}
