import type { PodCondition, PodStatus } from '@fairway/kinds/core/v1';

/** What is said of a pod; times follow from when it is said. */
export type NewPodCondition = Omit<PodCondition, 'lastProbeTime' | 'lastTransitionTime'>;

/**
 * A pod's status with this condition in place of the one of its type. `time` is now, and counts as the time
 * of the transition unless the condition was `True`, `False` or `Unknown` already as it is to be.
 */
export function withPodCondition(
  status: PodStatus | undefined,
  condition: NewPodCondition,
  time: string,
): PodStatus {
  const conditions = status?.conditions ?? [];
  const at = conditions.findIndex(({ type }) => type === condition.type);
  const before = conditions[at];
  const isSame = before?.status === condition.status;
  const { type, status: state, ...why } = condition;
  const lastTransitionTime = isSame ? (before.lastTransitionTime ?? time) : time;
  // The API writes the time of a probe that nobody made as null.
  const never = null as unknown as string;
  const after = { type, status: state, lastProbeTime: never, lastTransitionTime, ...why };
  const all = at < 0 ? [...conditions, after] : conditions.with(at, after);
  return { ...status, conditions: all };
}
