import type { DeploymentStatus } from '@fairway/kinds/apps/v1';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import { withoutZeros } from '../write-status.ts';
import { rolloutBounds } from './bounds.ts';
import { type HeldCondition, withCondition } from './conditions.ts';
import { type Rollout, setsOf, sizeOf, sumOf } from './rollout.ts';

export type HeldStatus = DeepReadonly<DeploymentStatus>;

/** What the replica sets of a Deployment come to, with the condition `Available`. */
export function deploymentStatus(
  rollout: Rollout,
  { conditions, nowMs }: { readonly conditions: readonly HeldCondition[]; readonly nowMs: number },
): HeldStatus {
  const { deployment, current } = rollout;
  const sets = setsOf(rollout);
  const available = sumOf(sets, ({ status }) => status?.availableReplicas ?? 0);
  const collisionCount = deployment.status?.collisionCount;
  const wanted = deployment.spec?.replicas ?? 0;
  const isAvailable = available >= wanted - rolloutBounds(deployment).unavailable;
  return {
    ...withoutZeros({
      observedGeneration: deployment.metadata?.generation,
      replicas: sumOf(sets, ({ status }) => status?.replicas ?? 0),
      updatedReplicas: current?.status?.replicas ?? 0,
      readyReplicas: sumOf(sets, ({ status }) => status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sumOf(sets, sizeOf) - available),
    }),
    terminatingReplicas: sumOf(sets, ({ status }) => status?.terminatingReplicas ?? 0),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(
      conditions,
      isAvailable
        ? {
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
          }
        : {
            type: 'Available',
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
            message: 'Deployment does not have minimum availability.',
          },
      formatTime(nowMs),
    ),
  };
}

/** All pods that are wanted are of the current template and available, and no others are left. */
export function isComplete({ deployment }: Rollout, status: HeldStatus): boolean {
  const wanted = deployment.spec?.replicas ?? 0;
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}

/** Something has come closer to what is wanted. */
export function isProgress(before: HeldStatus, after: HeldStatus): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: HeldStatus): number =>
    replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    outdated(after) < outdated(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}
