import type { Job, JobCondition } from '@fairway/kinds/batch/v1';
import { type DeepReadonly, formatTime } from '@fairway/protocol';

type AnyCondition = DeepReadonly<JobCondition>;

/** A condition that holds, yet without its times. */
export interface NewJobCondition {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** The condition of a type when it holds. */
export function trueCondition(
  { status }: DeepReadonly<Job>,
  type: string,
): AnyCondition | undefined {
  return status?.conditions?.find((each) => each.type === type && each.status === 'True');
}

export function isConditionTrue(job: DeepReadonly<Job>, type: string): boolean {
  return trueCondition(job, type) !== undefined;
}

/** It is complete or has failed: nothing becomes of it any more. */
export function isJobFinished(job: DeepReadonly<Job>): boolean {
  return isConditionTrue(job, 'Complete') || isConditionTrue(job, 'Failed');
}

/**
 * The conditions with one of them set. One that is as it should be keeps its time, and one that never held
 * is not made only to say that it does not.
 */
export function withJobCondition(
  conditions: readonly AnyCondition[],
  { type, reason, message }: NewJobCondition,
  { isTrue = true, nowMs }: { readonly isTrue?: boolean; readonly nowMs: number },
): readonly AnyCondition[] {
  const status = isTrue ? 'True' : 'False';
  const known = conditions.find((each) => each.type === type);
  if (known?.status === status || (known === undefined && !isTrue)) return conditions;
  const now = formatTime(nowMs);
  const times = { lastProbeTime: now, lastTransitionTime: now };
  const condition: JobCondition = { type, status, ...times, reason, message };
  if (known === undefined) return [...conditions, condition];
  return conditions.map((each) => (each === known ? condition : each));
}
