import type { StatefulSetStatus } from '@fairway/kinds/apps/v1';
import { isBeingDeleted } from '@fairway/reconcile';
import { withoutZeros } from '../write-status.ts';
import { isAvailable, isRunningAndReady } from './next-steps.ts';
import { type AnyPod, type AnySet, replicasOf, revisionOf } from './pod-identity.ts';

/** The status that pods give their set. An update that has reached every pod is over with it. */
export function setStatus(
  set: AnySet,
  found: {
    readonly pods: readonly AnyPod[];
    /** Names of revisions. */
    readonly current: string;
    readonly update: string;
    readonly collisionCount: number;
    readonly nowMs: number;
  },
): StatefulSetStatus {
  const { pods, current, update, collisionCount, nowMs } = found;
  const count = (isCounted: (pod: AnyPod) => boolean): number => pods.filter(isCounted).length;
  const isOf = (revision: string) => (pod: AnyPod) =>
    !isBeingDeleted(pod) && revisionOf(pod) === revision;
  const replicas = pods.length;
  const readyReplicas = count(isRunningAndReady);
  const updatedReplicas = count(isOf(update));
  const wanted = replicasOf(set);
  const isUpdated =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    [replicas, readyReplicas, updatedReplicas].every((each) => each === wanted);
  return {
    replicas,
    ...withoutZeros({
      observedGeneration: set.metadata?.generation,
      readyReplicas,
      currentReplicas: isUpdated ? updatedReplicas : count(isOf(current)),
      updatedReplicas,
    }),
    availableReplicas: count((pod) => isAvailable(pod, set, nowMs)),
    currentRevision: isUpdated ? update : current,
    updateRevision: update,
    collisionCount,
  };
}
