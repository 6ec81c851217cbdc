import { Effort } from '../patterns/effort.ts';

/** Thrown when an evaluation costs more than it may; nothing within the expression makes up for it. */
export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/**
 * Steps that one evaluation may take beside what its cost counts: elements that are compared or copied,
 * characters that are written. Costs are those of Kubernetes, which takes joining two lists of any
 * length for one. Some 100 ms.
 */
export const workStepsMax = 10_000_000;

/** What all regular expressions of one evaluation, or of those that share an effort, may do: some 200 ms. */
export const matchStepsMax = 8_000_000;

/** What is done beside what costs count: of one evaluation, or while one expression is read. */
export class Work {
  #stepsLeft = workStepsMax;
  #matching: Effort | undefined;

  /** `matching` is what its regular expressions do; several evaluations may share one. */
  constructor(matching?: Effort) {
    this.#matching = matching;
  }

  get matching(): Effort {
    return (this.#matching ??= new Effort(matchStepsMax));
  }

  take(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new CostExceeded();
  }
}
