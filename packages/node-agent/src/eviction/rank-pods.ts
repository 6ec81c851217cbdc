import { podRequests } from '@fairway/kind-rules/pods';
import { wholeOf } from '@fairway/protocol';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { type PodUse, diskBytesOf, inodesOf, memoryBytesOf } from './pod-use.ts';
import type { ScarceResource } from './thresholds.ts';

/**
 * Pods in the order in which they are evicted for want of something: those first that take more of it than
 * they have asked for, then those of the lowest priority, then those that are furthest beyond what they asked for.
 *
 * Source: Kubernetes documentation, "Node-pressure Eviction", pod selection.
 */
export function rankPods(uses: readonly PodUse[], resource: ScarceResource): readonly PodUse[] {
  const facts = new Map(
    uses.map((use) => {
      const excess = usedOf(use, resource) - requestedBy(use.pod, resource);
      return [use, { excess, priority: use.pod.spec?.priority ?? 0 }];
    }),
  );
  const none = { excess: 0, priority: 0 };
  return uses.toSorted((one, other) => {
    const [a = none, b = none] = [facts.get(one), facts.get(other)];
    // How many processes a pod may have is nothing that it asks for.
    const exceeds = resource === 'pids' ? 0 : Number(b.excess > 0) - Number(a.excess > 0);
    return exceeds || a.priority - b.priority || b.excess - a.excess;
  });
}

function usedOf(use: PodUse, resource: ScarceResource): number {
  if (resource === 'memory') return memoryBytesOf(use);
  if (resource === 'inodes') return inodesOf(use);
  return resource === 'pids' ? 0 : diskBytesOf(use);
}

function requestedBy(pod: AnyPod, resource: ScarceResource): number {
  return resource === 'memory' || resource === 'ephemeral-storage'
    ? wholeOf(podRequests(pod).get(resource))
    : 0;
}
