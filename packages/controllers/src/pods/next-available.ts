import type { Pod } from '@fairway/kinds/core/v1';
import { podAvailableAtMs } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';

/** How long until the next pod becomes available by staying ready; undefined when none will. */
export function untilNextAvailableMs(
  pods: readonly DeepReadonly<Pod>[],
  minReadySeconds: number | undefined,
  nowMs: number,
): number | undefined {
  const waits = pods.flatMap((pod) => {
    const atMs = podAvailableAtMs(pod, minReadySeconds ?? 0);
    return atMs === undefined || atMs <= nowMs ? [] : [atMs - nowMs];
  });
  return waits.length === 0 ? undefined : Math.min(...waits);
}
