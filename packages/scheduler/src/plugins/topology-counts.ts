import { addCount } from '../snapshot/counts.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { NodeCounts } from '../snapshot/pod-tallies.ts';

/** Counts by the domains of topologies: by the key of a label of nodes, and then by its value. */
export class TopologyCounts {
  readonly #topologies = new Map<string, Map<string, number>>();

  get isEmpty(): boolean {
    for (const domains of this.#topologies.values()) if (domains.size > 0) return false;
    return true;
  }

  /** Adds the counts of nodes to those of their domains, `times` each. */
  addAll(topologyKey: string, counts: NodeCounts, times = 1): void {
    for (const [node, count] of counts) this.add(topologyKey, node, count * times);
  }

  add(topologyKey: string, node: NodeState, by: number): void {
    const value = node.facts.labels[topologyKey];
    if (value === undefined) return;
    let domains = this.#topologies.get(topologyKey);
    if (domains === undefined) this.#topologies.set(topologyKey, (domains = new Map()));
    addCount(domains, value, by);
  }

  /** The count of the domain of a node. */
  at(topologyKey: string, { facts }: NodeState): number {
    const value = facts.labels[topologyKey];
    return value === undefined ? 0 : (this.#topologies.get(topologyKey)?.get(value) ?? 0);
  }

  /** Whether a domain of a node counts more than nothing. */
  hasAnyAt({ facts }: NodeState): boolean {
    for (const [topologyKey, domains] of this.#topologies) {
      const value = facts.labels[topologyKey];
      if (value !== undefined && (domains.get(value) ?? 0) > 0) return true;
    }
    return false;
  }

  /** The counts of all domains of a node together. */
  sumAt({ facts }: NodeState): number {
    let sum = 0;
    for (const [topologyKey, domains] of this.#topologies) {
      const value = facts.labels[topologyKey];
      if (value !== undefined) sum += domains.get(value) ?? 0;
    }
    return sum;
  }
}
