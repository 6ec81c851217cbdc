import type { Deployment } from '@fairway/kinds/apps/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { countOf } from '../pods/count-of.ts';

/** How far a rolling update may stray from the number of pods that is wanted. */
export interface RolloutBounds {
  /** Pods beyond it. */
  readonly surge: number;
  /** Pods of it that need not be available. */
  readonly unavailable: number;
}

/**
 * The bounds of a Deployment in pods: of percentages, the surge is rounded up and the rest down. One pod may
 * be unavailable where both come to nothing, so that an update gets anywhere. A Deployment that is
 * recreated has no room.
 *
 * Source: apps/v1 RollingUpdateDeployment.
 */
export function rolloutBounds({ spec }: DeepReadonly<Deployment>): RolloutBounds {
  const total = spec?.replicas ?? 0;
  if (spec?.strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const { maxSurge = 0, maxUnavailable = 0 } = spec?.strategy?.rollingUpdate ?? {};
  const surge = countOf(maxSurge, { total, rounding: 'up' }) ?? 0;
  const share = countOf(maxUnavailable, { total, rounding: 'down' }) ?? 0;
  const unavailable = surge === 0 && share === 0 ? 1 : share;
  return { surge, unavailable: Math.min(unavailable, total) };
}
