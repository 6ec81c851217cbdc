/** What was recommended and done for one autoscaler, as far back as rules look. */
export interface ScalingHistory {
  readonly recommendations: readonly Recommendation[];
  readonly changes: readonly ReplicaChange[];
}

interface Recommendation {
  /** By the clock that only goes forward. */
  readonly atMs: number;
  readonly replicas: number;
}

interface ReplicaChange {
  readonly atMs: number;
  /** Replicas more; less than 0 for fewer. */
  readonly by: number;
}

/** The longest window that a behavior may have. Source: Kubernetes, HPAScalingRules. */
const historyMsMax = 3_600_000;

/** Begins with what there is: nothing is scaled down at once for want of a past. */
export function newHistory(replicas: number, nowMs: number): ScalingHistory {
  return { recommendations: [{ atMs: nowMs, replicas }], changes: [] };
}

export function withRecommendation(
  { recommendations, changes }: ScalingHistory,
  replicas: number,
  nowMs: number,
): ScalingHistory {
  const kept = recommendations.filter(({ atMs }) => atMs > nowMs - historyMsMax);
  return { recommendations: [...kept, { atMs: nowMs, replicas }], changes };
}

export function withChange(
  { recommendations, changes }: ScalingHistory,
  by: number,
  nowMs: number,
): ScalingHistory {
  const kept = changes.filter(({ atMs }) => atMs > nowMs - historyMsMax);
  return { recommendations, changes: [...kept, { atMs: nowMs, by }] };
}

/** What was recommended within a time. */
export function recommendedWithin(
  { recommendations }: ScalingHistory,
  windowMs: number,
  nowMs: number,
): readonly number[] {
  return recommendations
    .filter(({ atMs }) => atMs > nowMs - windowMs)
    .map(({ replicas }) => replicas);
}

/** Replicas that were added within a time, or taken away. */
export function changedWithin(
  { changes }: ScalingHistory,
  direction: 'up' | 'down',
  { periodMs, nowMs }: { readonly periodMs: number; readonly nowMs: number },
): number {
  return changes
    .filter(({ atMs, by }) => atMs > nowMs - periodMs && by > 0 === (direction === 'up'))
    .reduce((sum, { by }) => sum + Math.abs(by), 0);
}
