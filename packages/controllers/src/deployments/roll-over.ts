import { rolloutBounds } from './bounds.ts';
import { type Rollout, setsOf, sizeOf, sumOf } from './rollout.ts';
import type { SetSize } from './scale-sets.ts';

/** How large the current replica set may be now, without more pods than the surge allows. */
export function currentSize({ deployment, current, old }: Rollout): number {
  const wanted = deployment.spec?.replicas ?? 0;
  if (deployment.spec?.strategy?.type === 'Recreate') return wanted;
  const size = sizeOf(current);
  const room = wanted + rolloutBounds(deployment).surge - sumOf(old, sizeOf) - size;
  if (size >= wanted) return wanted;
  return size + Math.max(0, Math.min(room, wanted - size));
}

/**
 * How far the old replica sets may shrink now, so that enough pods stay available: first by pods that are
 * not available anyway, then by the oldest.
 *
 * Source: kubernetes.io, Deployments, "Rolling Update Deployment".
 */
export function oldSizes(rollout: Rollout): readonly SetSize[] {
  const { deployment, current, old } = rollout;
  const availableMin = (deployment.spec?.replicas ?? 0) - rolloutBounds(deployment).unavailable;
  const sets = setsOf(rollout);
  const notAvailable = sizeOf(current) - (current?.status?.availableReplicas ?? 0);
  let mayGo = sumOf(sets, sizeOf) - availableMin - notAvailable;
  if (mayGo <= 0) return [];
  const sizes = new Map(old.map((set) => [set, sizeOf(set)]));
  const shrink = (set: (typeof old)[number], most: number): number => {
    const size = sizes.get(set) ?? 0;
    const gone = Math.max(0, Math.min(most, size));
    sizes.set(set, size - gone);
    return gone;
  };
  for (const set of old) {
    const idle = sizeOf(set) - (set.status?.availableReplicas ?? 0);
    mayGo -= shrink(set, Math.min(mayGo, idle));
  }
  const available = sumOf(sets, (set) => set.status?.availableReplicas ?? 0);
  let spare = available - availableMin;
  for (const set of old) spare -= shrink(set, spare);
  return old.flatMap((set) => {
    const size = sizes.get(set) ?? 0;
    return size === sizeOf(set) ? [] : [{ set, size }];
  });
}
