import type { Probe } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** What the outcomes of a probe so far make of it. */
export interface ProbeTally {
  readonly isPassed: boolean;
  /** How often the last outcome came in a row, and what it was. */
  readonly run: number;
  readonly last: boolean | undefined;
}

/** A verdict changes when its thresholds are reached, by so many equal outcomes in a row. */
export function countOutcome(
  before: ProbeTally,
  isSuccess: boolean,
  { failureThreshold = 3, successThreshold = 1 }: DeepReadonly<Probe>,
): ProbeTally {
  const run = before.last === isSuccess ? before.run + 1 : 1;
  const isReached = run >= (isSuccess ? successThreshold : failureThreshold);
  return { run, last: isSuccess, isPassed: isReached ? isSuccess : before.isPassed };
}
