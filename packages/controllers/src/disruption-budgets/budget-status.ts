import type { Pod } from '@fairway/kinds/core/v1';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '@fairway/kinds/policy/v1';
import { disruptionAllowed, isPodReady, withDisruptionAllowed } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';

/** The status of a budget over the pods that it guards. */
export function budgetStatus(
  { metadata, status = {} }: DeepReadonly<PodDisruptionBudget>,
  found: {
    readonly pods: readonly DeepReadonly<Pod>[];
    readonly expectedPods: number;
    readonly desiredHealthy: number;
    /** Pods that will be deleted soon. */
    readonly disrupted: Readonly<Record<string, string>>;
    readonly time: string;
  },
): PodDisruptionBudgetStatus {
  const { pods, expectedPods, desiredHealthy, disrupted, time } = found;
  const currentHealthy = pods.filter((pod) => isHealthy(pod, disrupted)).length;
  // A budget over no pods yet lets none go: the first come before they are counted.
  const isNone = expectedPods <= 0 || currentHealthy <= desiredHealthy;
  const counted = {
    disruptionsAllowed: isNone ? 0 : currentHealthy - desiredHealthy,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    ...(metadata?.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    ...(status.conditions === undefined ? {} : { conditions: status.conditions }),
  };
  return isSaid(counted) ? counted : withDisruptionAllowed(counted, time);
}

/** Whether the condition says already what the count does. */
function isSaid(status: PodDisruptionBudgetStatus): boolean {
  const said = disruptionAllowed(status);
  if (said?.observedGeneration !== status.observedGeneration || said === undefined) return false;
  const isAllowed = (status.disruptionsAllowed ?? 0) > 0;
  return said.status === (isAllowed ? 'True' : 'False') && said.reason !== 'SyncFailed';
}

function isHealthy(pod: DeepReadonly<Pod>, disrupted: Readonly<Record<string, string>>): boolean {
  const { name = '', deletionTimestamp } = pod.metadata ?? {};
  return deletionTimestamp === undefined && !Object.hasOwn(disrupted, name) && isPodReady(pod);
}
