import { type RolloutBounds, rolloutBounds } from './bounds.ts';
import { readSizeNotes } from './revisions.ts';
import { type HeldSet, type Rollout, setsOf, sizeOf, sumOf } from './rollout.ts';

/** A replica set and the number of pods that it is to have. */
export interface SetSize {
  readonly set: HeldSet;
  readonly size: number;
}

/** The Deployment was scaled since its replica sets were: they are brought along before anything else. */
export function isBeingScaled(rollout: Rollout): boolean {
  const wanted = rollout.deployment.spec?.replicas ?? 0;
  return setsOf(rollout).some((set) => {
    const { desired } = readSizeNotes(set);
    return sizeOf(set) > 0 && desired !== undefined && desired !== wanted;
  });
}

/**
 * The sizes of the replica sets of a Deployment that is scaled, or paused, in the middle of an update or
 * not: each gets its share of what is added or taken away.
 *
 * Source: kubernetes.io, Deployments, "Proportional scaling".
 */
export function scaledSizes(rollout: Rollout): readonly SetSize[] {
  const { deployment, current, old } = rollout;
  const wanted = deployment.spec?.replicas ?? 0;
  const sets = setsOf(rollout);
  const active = sets.filter((set) => sizeOf(set) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? old.at(-1);
    return only === undefined ? [] : [{ set: only, size: wanted }];
  }
  if (isSaturated(rollout)) {
    return old.filter((set) => sizeOf(set) > 0).map((set) => ({ set, size: 0 }));
  }
  if (deployment.spec?.strategy?.type === 'Recreate') return [];
  return proportionalSizes(rollout, active);
}

/** All pods that are wanted are of the current template, and available. */
function isSaturated({ deployment, current }: Rollout): boolean {
  const wanted = deployment.spec?.replicas ?? 0;
  return (
    current !== undefined &&
    sizeOf(current) === wanted &&
    readSizeNotes(current).desired === wanted &&
    (current.status?.availableReplicas ?? 0) === wanted
  );
}

function proportionalSizes(rollout: Rollout, active: readonly HeldSet[]): readonly SetSize[] {
  const wanted = rollout.deployment.spec?.replicas ?? 0;
  const bounds = rolloutBounds(rollout.deployment);
  const allowed = wanted > 0 ? wanted + bounds.surge : 0;
  const difference = allowed - sumOf(active, sizeOf);
  // The largest first; of alike, the newest gets more and the oldest loses more.
  const inOrder = difference > 0 ? active.toReversed() : [...active];
  inOrder.sort((one, other) => sizeOf(other) - sizeOf(one));
  let left = difference;
  const sizes = inOrder.map((set): SetSize => {
    const share = clampShare(shareOf(set, { rollout, bounds }), left);
    left -= share;
    return { set, size: sizeOf(set) + share };
  });
  // What rounding has left over goes to the largest.
  const [largest, ...others] = sizes;
  if (largest === undefined) return [];
  return [{ set: largest.set, size: Math.max(0, largest.size + left) }, ...others];
}

/** By how much a replica set grows or shrinks when it keeps its part of the whole. */
function shareOf(
  set: HeldSet,
  { rollout, bounds }: { readonly rollout: Rollout; readonly bounds: RolloutBounds },
): number {
  const { deployment } = rollout;
  const wanted = deployment.spec?.replicas ?? 0;
  if (wanted === 0) return -sizeOf(set);
  const before = readSizeNotes(set).max ?? 0;
  const whole = before === 0 ? (deployment.status?.replicas ?? 0) : before;
  if (whole === 0) return 0;
  return Math.round((sizeOf(set) * (wanted + bounds.surge)) / whole) - sizeOf(set);
}

/** No more than is left, and nothing in the other direction. */
function clampShare(share: number, left: number): number {
  if (left === 0) return 0;
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}
