import type { Condition } from '@fairway/kinds/meta/v1';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '@fairway/kinds/policy/v1';
import {
  type DeepReadonly,
  type KubernetesObject,
  labelsOf,
  matchesLabelSelector,
  parseLabelSelectorObject,
} from '@fairway/protocol';

const type = 'DisruptionAllowed';

/** Whether a budget is about a pod of its namespace. No selector selects nothing, an empty one everything. */
export function isGuardedBy(
  pod: DeepReadonly<KubernetesObject>,
  { spec }: DeepReadonly<PodDisruptionBudget>,
): boolean {
  if (spec?.selector === undefined) return false;
  return matchesLabelSelector(parseLabelSelectorObject(spec.selector), labelsOf(pod));
}

/** What a budget says of whether a pod may go now; undefined until somebody has counted. */
export function disruptionAllowed({
  conditions,
}: PodDisruptionBudgetStatus): Condition | undefined {
  return conditions?.find((each) => each.type === type);
}

/** A status with the condition that its `disruptionsAllowed` makes true. `time` is now. */
export function withDisruptionAllowed(
  status: PodDisruptionBudgetStatus,
  time: string,
): PodDisruptionBudgetStatus {
  const isAllowed = (status.disruptionsAllowed ?? 0) > 0;
  return withDisruptionCondition(status, {
    status: isAllowed ? 'True' : 'False',
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    time,
  });
}

/** The same with a reason of one's own. */
export function withDisruptionCondition(
  status: PodDisruptionBudgetStatus,
  { time, ...said }: Pick<Condition, 'status' | 'reason' | 'message'> & { readonly time: string },
): PodDisruptionBudgetStatus {
  const before = disruptionAllowed(status);
  const isSame = before?.status === said.status;
  const after: Condition = {
    type,
    status: said.status,
    ...(status.observedGeneration === undefined
      ? {}
      : { observedGeneration: status.observedGeneration }),
    lastTransitionTime: isSame ? before.lastTransitionTime : time,
    reason: said.reason,
    message: said.message,
  };
  const all = status.conditions ?? [];
  const conditions =
    before === undefined ? [...all, after] : all.map((each) => (each === before ? after : each));
  return { ...status, conditions };
}
