import type { Result } from '../values/value.ts';

/** A part of an expression, ready to run. */
export type Run = (frame: Frame) => Result;

/** Thrown when an evaluation costs more than it may; nothing within the expression makes up for it. */
export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

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
