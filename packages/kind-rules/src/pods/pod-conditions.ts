import type { PodCondition, PodStatus } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

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
  const after = newPodCondition(condition, conditions[at], time);
  const all = at < 0 ? [...conditions, after] : conditions.with(at, after);
  return { ...status, conditions: all };
}

/** The condition alone. `before`: the one of its type that the pod has. */
export function newPodCondition(
  { type, status, ...why }: NewPodCondition,
  before: DeepReadonly<PodCondition> | undefined,
  time: string,
): PodCondition {
  const isSame = before?.status === status;
  const lastTransitionTime = isSame ? (before.lastTransitionTime ?? time) : time;
  // The API writes the time of a probe that nobody made as null.
  const never = null as unknown as string;
  return { type, status, lastProbeTime: never, lastTransitionTime, ...why };
}
