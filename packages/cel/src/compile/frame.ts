import type { Result } from '../values/value.ts';
import { CostExceeded } from '../values/work.ts';

/** A part of an expression, ready to run. */
export type Run = (frame: Frame) => Result;

/** What one evaluation works on: its variables, and what it has cost until now. */
export class Frame {
  readonly slots: Result[];
  cost = 0;
  readonly #costMax: number;

  constructor(slots: Result[], costMax: number) {
    this.slots = slots;
    this.#costMax = costMax;
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#costMax) throw new CostExceeded();
  }
}
