import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { Nominations } from '../snapshot/nominations.ts';
import { Diagnosis } from './diagnosis.ts';
import { type PodFilters, checkNodeWith } from './pod-filters.ts';
import type { Profile } from './profile.ts';

/** Of fewer nodes than this, all are looked at. */
const nodesMin = 100;
const percentageMin = 5;

/** Where to begin with the next pod: what one pod has left out is looked at for another. */
export interface Rotation {
  start: number;
}

export interface FoundNodes {
  readonly nodes: readonly NodeState[];
  readonly diagnosis: Diagnosis;
}

/** Finds nodes that a pod can be on, as many as are worth comparing. */
export function findNodes(
  filters: PodFilters,
  {
    profile,
    snapshot,
    nominations,
    rotation,
  }: {
    readonly profile: Profile;
    readonly snapshot: ClusterSnapshot;
    readonly nominations: Nominations;
    readonly rotation: Rotation;
  },
): FoundNodes {
  const all = snapshot.nodes;
  const { pod, nodeNames, namers } = filters;
  const diagnosis = new Diagnosis(all.length);
  const check = (node: NodeState): boolean => {
    const refused = checkNodeWith(filters, node, nominations.ahead(node.name, pod));
    if (refused !== undefined) diagnosis.refuse(node, refused);
    return refused === undefined;
  };
  if (nodeNames !== undefined) {
    const named = [...nodeNames].flatMap((name) => snapshot.node(name) ?? []);
    diagnosis.leaveOut(all.length - named.length, namers);
    return { nodes: named.filter(check), diagnosis };
  }
  const wanted = nodesToFind(all.length, profile.percentageOfNodesToScore);
  const nodes: NodeState[] = [];
  let at = 0;
  for (; at < all.length && nodes.length < wanted; at++) {
    const node = all[(rotation.start + at) % all.length];
    if (node !== undefined && check(node)) nodes.push(node);
  }
  rotation.start = all.length === 0 ? 0 : (rotation.start + at) % all.length;
  return { nodes, diagnosis };
}

/** Source: Kubernetes documentation, scheduler performance tuning. */
export function nodesToFind(nodeCount: number, percentage: number): number {
  if (nodeCount < nodesMin) return nodeCount;
  const share = percentage || Math.max(50 - Math.trunc(nodeCount / 125), percentageMin);
  return Math.min(nodeCount, Math.max(nodesMin, Math.trunc((nodeCount * share) / 100)));
}
