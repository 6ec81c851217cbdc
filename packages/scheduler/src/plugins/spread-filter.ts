import { matchesLabelSelector } from '@fairway/protocol';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { SpreadConstraint } from '../snapshot/spread-constraints.ts';
import { countAlike, hasAllTopologies, isAlike, isIncluded } from './alike-pods.ts';
import { type NodeFilter, lasting, passing } from './plugin.ts';

const uneven = passing("node(s) didn't match pod topology spread constraints");
const unlabelled = lasting(
  "node(s) didn't match pod topology spread constraints (missing required label)",
);

/** Refuses the nodes where a pod would make the domains of a topology too unlike. */
export function spreadFilter(
  constraints: readonly SpreadConstraint[],
  pod: PodFacts,
  snapshot: ClusterSnapshot,
): NodeFilter {
  const domains = constraints.map((constraint) => new Domains(constraint, pod));
  const counts = constraints.map((constraint) => countAlike(constraint, pod, snapshot));
  for (const node of snapshot.nodes) {
    if (!hasAllTopologies(node.facts.labels, constraints)) continue;
    for (let at = 0; at < domains.length; at++) {
      domains[at]?.count(node, counts[at]?.get(node) ?? 0);
    }
  }
  return {
    check: ({ facts }) => {
      for (const each of domains) {
        const value = facts.labels[each.topologyKey];
        if (value === undefined) return unlabelled;
        if (each.skewWith(value) > each.maxSkew) return uneven;
      }
      return undefined;
    },
    adjust: (other, node, times) => {
      if (!hasAllTopologies(node.facts.labels, constraints)) return;
      for (const each of domains) {
        if (isAlike(each.constraint, pod.namespace, other)) each.count(node, times);
      }
    },
  };
}

/** How many pods that are alike there are in each domain of a topology. */
class Domains {
  readonly constraint: SpreadConstraint;
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly #pod: PodFacts;
  readonly #counts = new Map<string, number>();
  /** The pod itself would be one more. */
  readonly #ownCount: number;
  #least: number | undefined;

  constructor(constraint: SpreadConstraint, pod: PodFacts) {
    this.constraint = constraint;
    this.topologyKey = constraint.topologyKey;
    this.maxSkew = constraint.maxSkew;
    this.#pod = pod;
    const { selector } = constraint;
    this.#ownCount = selector !== undefined && matchesLabelSelector(selector, pod.labels) ? 1 : 0;
  }

  count(node: NodeState, by: number): void {
    if (!isIncluded(this.constraint, this.#pod, node.facts)) return;
    const value = node.facts.labels[this.topologyKey] ?? '';
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + by);
    this.#least = undefined;
  }

  /** By how much a domain would have more than the one that has least. */
  skewWith(value: string): number {
    this.#least ??= this.#leastCount();
    return (this.#counts.get(value) ?? 0) + this.#ownCount - this.#least;
  }

  #leastCount(): number {
    if (this.#counts.size < this.constraint.domainsMin) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (const count of this.#counts.values()) if (count < least) least = count;
    return least;
  }
}
