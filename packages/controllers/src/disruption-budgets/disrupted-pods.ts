import type { Pod } from '@fairway/kinds/core/v1';
import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { type DeepReadonly, parseTime } from '@fairway/protocol';

/** So long a pod that was evicted may take until it is being deleted. */
const deletionTimeoutMs = 120_000;

/** What became of the evictions that a budget was asked for. */
export interface DisruptedPods {
  /** Those that will be deleted yet, and when they were evicted. */
  readonly expected: Readonly<Record<string, string>>;
  /** Those that should have been deleted by now, and count again. */
  readonly overdue: readonly DeepReadonly<Pod>[];
  /** Until the next is overdue. */
  readonly nextMs?: number;
}

export function disruptedPods(
  { status }: DeepReadonly<PodDisruptionBudget>,
  pods: readonly DeepReadonly<Pod>[],
  nowMs: number,
): DisruptedPods {
  const noted = status?.disruptedPods ?? {};
  const expected: Record<string, string> = {};
  const overdue: DeepReadonly<Pod>[] = [];
  const waitsMs: number[] = [];
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata ?? {};
    const time = Object.hasOwn(noted, name) ? noted[name] : undefined;
    if (time === undefined || deletionTimestamp !== undefined) continue;
    const leftMs = (parseTime(time) ?? 0) + deletionTimeoutMs - nowMs;
    if (leftMs < 0) overdue.push(pod);
    else {
      expected[name] = time;
      waitsMs.push(leftMs);
    }
  }
  return {
    expected,
    overdue,
    // A moment later, so that it is over by then.
    ...(waitsMs.length === 0 ? {} : { nextMs: Math.min(...waitsMs) + 1 }),
  };
}
