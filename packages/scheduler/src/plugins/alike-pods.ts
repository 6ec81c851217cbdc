import { matchesLabelSelector } from '@fairway/protocol';
import { matchesNodeAffinity, repellingEffects, untoleratedTaint } from '@fairway/kind-rules/pods';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeFacts } from '../snapshot/node-facts.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { NodeCounts } from '../snapshot/pod-tallies.ts';
import type { SpreadConstraint } from '../snapshot/spread-constraints.ts';

/** How many pods there are on each node that a constraint spreads together with this one. */
export function countAlike(
  constraint: SpreadConstraint,
  { namespace }: PodFacts,
  snapshot: ClusterSnapshot,
): NodeCounts {
  return snapshot.countPods({
    key: `spread ${namespace} ${constraint.selectorKey}`,
    matches: (other) => isAlike(constraint, namespace, other),
  });
}

/** Pods that are about to go do not count: others will take their place. */
export function isAlike(
  { selector }: SpreadConstraint,
  namespace: string,
  other: PodFacts,
): boolean {
  if (selector === undefined || other.namespace !== namespace || other.isTerminating) return false;
  return matchesLabelSelector(selector, other.labels);
}

/** Whether what is on a node counts for a constraint of a pod. */
export function isIncluded(
  { honorsAffinity, honorsTaints }: SpreadConstraint,
  { spec, tolerations }: PodFacts,
  facts: NodeFacts,
): boolean {
  if (honorsAffinity && !matchesNodeAffinity(spec, facts)) return false;
  return (
    !honorsTaints || untoleratedTaint(facts.taints, tolerations, repellingEffects) === undefined
  );
}

/** Whether a node is in a domain of each topology. */
export function hasAllTopologies(
  labels: NodeFacts['labels'],
  constraints: readonly { readonly topologyKey: string }[],
): boolean {
  for (const { topologyKey } of constraints) if (labels[topologyKey] === undefined) return false;
  return true;
}
