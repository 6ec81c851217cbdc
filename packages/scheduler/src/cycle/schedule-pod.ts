import type { Random } from '@fairway/host';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { Nominations } from '../snapshot/nominations.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import { chooseNode } from './choose-node.ts';
import { Diagnosis } from './diagnosis.ts';
import { type Rotation, findNodes } from './find-nodes.ts';
import { type PodFilters, checkNodeWith, podFilters } from './pod-filters.ts';
import type { Profile } from './profile.ts';

/** What decisions are made from. */
export interface Decider {
  readonly profile: Profile;
  readonly snapshot: ClusterSnapshot;
  readonly nominations: Nominations;
  readonly rotation: Rotation;
  readonly random: Random;
}

export type Decision =
  | { readonly kind: 'node chosen'; readonly node: NodeState }
  /** `filters`: absent when no node was looked at. */
  | {
      readonly kind: 'no node';
      readonly diagnosis: Diagnosis;
      readonly filters: PodFilters | undefined;
    };

/**
 * Decides on which node a pod is best, without a pause. Nothing is different afterwards but where it
 * begins to look for the next pod.
 */
export function schedulePod(pod: PodFacts, decider: Decider): Decision {
  const { profile, snapshot, nominations, random } = decider;
  if (snapshot.nodes.length === 0) {
    return { kind: 'no node', diagnosis: new Diagnosis(0), filters: undefined };
  }
  const filters = podFilters(pod, profile.plugins, snapshot);
  if ('kind' in filters) {
    const diagnosis = new Diagnosis(snapshot.nodes.length);
    diagnosis.refusePod(filters.by, filters.reason);
    return { kind: 'no node', diagnosis, filters: undefined };
  }
  const nominated = snapshot.node(nominations.nodeOf(pod.key) ?? '');
  if (nominated !== undefined && isPossible(filters, nominated, nominations)) {
    return { kind: 'node chosen', node: nominated };
  }
  const { nodes, diagnosis } = findNodes(filters, decider);
  const node = chooseNode(pod, nodes, { profile, snapshot, random });
  return node === undefined
    ? { kind: 'no node', diagnosis, filters }
    : { kind: 'node chosen', node };
}

/** Others have made way for the pod there. */
function isPossible(filters: PodFilters, node: NodeState, nominations: Nominations): boolean {
  const { pod, nodeNames } = filters;
  if (nodeNames !== undefined && !nodeNames.has(node.name)) return false;
  return checkNodeWith(filters, node, nominations.ahead(node.name, pod)) === undefined;
}
