import type { ReplicaSetCondition, ReplicaSetStatus } from '@fairway/kinds/apps/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { isPodReady, isPodAvailable } from '@fairway/kind-rules/pods';
import {
  type DeepReadonly,
  type LabelSelector,
  formatTime,
  labelsOf,
  matchesLabelSelector,
} from '@fairway/protocol';
import { withoutZeros } from '../write-status.ts';
import type { ReplicaOwner } from './replica-kind.ts';

/** Pods could not be made or deleted. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** The status that pods give their owner. It is of the same shape for both kinds. */
export function replicaStatus(
  owner: DeepReadonly<ReplicaOwner>,
  found: {
    readonly active: readonly DeepReadonly<Pod>[];
    /** Absent where the kind does not count them. */
    readonly terminatingCount?: number;
    /** What the template says of its pods. */
    readonly template: LabelSelector;
    readonly failure?: ReplicaFailure;
    readonly nowMs: number;
  },
): ReplicaSetStatus {
  const { active, terminatingCount, template, failure, nowMs } = found;
  const minReadySeconds = owner.spec?.minReadySeconds ?? 0;
  const count = (isCounted: (pod: DeepReadonly<Pod>) => boolean): number =>
    active.filter(isCounted).length;
  const conditions = conditionsAfter(owner, failure, nowMs);
  return {
    replicas: active.length,
    ...withoutZeros({
      fullyLabeledReplicas: count((pod) => matchesLabelSelector(template, labelsOf(pod))),
      readyReplicas: count(isPodReady),
      availableReplicas: count((pod) => isPodAvailable(pod, minReadySeconds, nowMs)),
      observedGeneration: owner.metadata?.generation,
    }),
    ...(terminatingCount === undefined ? {} : { terminatingReplicas: terminatingCount }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function conditionsAfter(
  { status }: DeepReadonly<ReplicaOwner>,
  failure: ReplicaFailure | undefined,
  nowMs: number,
): readonly ReplicaSetCondition[] {
  const before: readonly DeepReadonly<ReplicaSetCondition>[] = status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const known = before.find(({ type }) => type === 'ReplicaFailure');
  if (known?.reason === failure.reason) return before;
  const condition: ReplicaSetCondition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: formatTime(nowMs),
    ...failure,
  };
  return [...others, condition];
}
