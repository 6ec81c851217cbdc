import type { DeploymentCondition } from '@fairway/kinds/apps/v1';
import type { DeepReadonly } from '@fairway/protocol';

export type HeldCondition = DeepReadonly<DeploymentCondition>;

/** What is told in a condition, without times. */
export interface ConditionText {
  readonly type: 'Available' | 'Progressing' | 'ReplicaFailure';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export function findCondition(
  conditions: readonly HeldCondition[],
  type: ConditionText['type'],
): HeldCondition | undefined {
  return conditions.find((each) => each.type === type);
}

export function withoutCondition(
  conditions: readonly HeldCondition[],
  type: ConditionText['type'],
): readonly HeldCondition[] {
  return conditions.filter((each) => each.type !== type);
}

/**
 * Says something in a condition, unless the condition says it already. It goes to the end, and keeps the time
 * of its last transition while its status stays.
 */
export function withCondition(
  conditions: readonly HeldCondition[],
  text: ConditionText,
  time: string,
): readonly HeldCondition[] {
  const before = findCondition(conditions, text.type);
  if (before?.status === text.status && before.reason === text.reason) return conditions;
  return renewedCondition(conditions, text, time);
}

/** The same, with the time of now also where the condition says nothing new. */
export function renewedCondition(
  conditions: readonly HeldCondition[],
  text: ConditionText,
  time: string,
): readonly HeldCondition[] {
  const before = findCondition(conditions, text.type);
  const isSameStatus = before?.status === text.status;
  const lastTransitionTime = (isSameStatus ? before.lastTransitionTime : undefined) ?? time;
  const { type, ...rest } = text;
  const added = { type, ...rest, lastUpdateTime: time, lastTransitionTime };
  return [...withoutCondition(conditions, text.type), added];
}
