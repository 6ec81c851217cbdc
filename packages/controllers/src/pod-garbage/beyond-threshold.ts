import type { Pod } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';
import { oldestFirst } from '../oldest-first.ts';

/** So many pods that have ended are kept, for whoever wants to look at them. */
const endedPodsMax = 12_500;

/** Pods that have ended and are too many: first those that were evicted, then the oldest. */
export function beyondThreshold(
  pods: readonly DeepReadonly<Pod>[],
  keptMax = endedPodsMax,
): readonly DeepReadonly<Pod>[] {
  const ended = pods.filter(isPodOver);
  if (ended.length <= keptMax) return [];
  const evicted = ended.filter(isEvicted).sort(oldestFirst);
  const others = ended.filter((pod) => !isEvicted(pod)).sort(oldestFirst);
  return [...evicted, ...others].slice(0, ended.length - keptMax);
}

function isEvicted({ status }: DeepReadonly<Pod>): boolean {
  return status?.phase === 'Failed' && status.reason === 'Evicted';
}
