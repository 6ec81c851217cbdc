import type { ReplicaSet } from '@fairway/kinds/apps/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { isPodActive } from '@fairway/kind-rules/pods';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { type Informer, controllerOf } from '@fairway/reconcile';
import { ownedBy } from '../caches/object-indexes.ts';

/**
 * Of an owner's pod: how many pods for the same purpose its node has, those of all replica sets of one
 * Deployment together.
 */
export function companyOnNodes(
  pods: Informer<Pod>,
  replicaSets: Informer<ReplicaSet>,
): (owner: DeepReadonly<KubernetesObject>) => (pod: DeepReadonly<Pod>) => number {
  return (owner) => {
    let counts: ReadonlyMap<string, number> | undefined;
    return (pod) => {
      counts ??= countByNode(siblingsOf(owner));
      return counts.get(pod.spec?.nodeName ?? '') ?? 0;
    };
  };

  function siblingsOf(owner: DeepReadonly<KubernetesObject>): readonly DeepReadonly<Pod>[] {
    const uid = controllerOf(owner)?.uid;
    const owners = uid === undefined ? [owner] : ownedBy(replicaSets, { metadata: { uid } });
    return owners.flatMap((each) => ownedBy(pods, each)).filter(isPodActive);
  }
}

function countByNode(pods: readonly DeepReadonly<Pod>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { spec } of pods) {
    const node = spec?.nodeName ?? '';
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}
