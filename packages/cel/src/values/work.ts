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

/** Of the evaluation that runs now: they are not interrupted, so that one number serves all. */
let stepsLeft = workStepsMax;

export function beginWork(): void {
  stepsLeft = workStepsMax;
}

export function takeWork(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new CostExceeded();
}
