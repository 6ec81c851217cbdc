import type { Pod } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';

/** So many pods that have ended are kept, for whoever wants to look at them. */
const endedPodsMax = 12_500;

/** Pods that have ended and are too many: first those that were evicted, then the oldest. */
export function beyondThreshold(
  pods: readonly DeepReadonly<Pod>[],
  keptMax = endedPodsMax,
): readonly DeepReadonly<Pod>[] {
  const ended = pods.filter(isPodOver);
  if (ended.length <= keptMax) return [];
  const rank = (pod: DeepReadonly<Pod>): string =>
    `${isEvicted(pod) ? 0 : 1} ${pod.metadata?.creationTimestamp ?? ''} ${pod.metadata?.name ?? ''}`;
  const ranked = ended.map((pod) => ({ pod, rank: rank(pod) }));
  ranked.sort((one, other) => (one.rank < other.rank ? -1 : 1));
  return ranked.slice(0, ended.length - keptMax).map(({ pod }) => pod);
}

function isEvicted({ status }: DeepReadonly<Pod>): boolean {
  return status?.phase === 'Failed' && status.reason === 'Evicted';
}
