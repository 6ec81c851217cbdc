import { addCount } from './counts.ts';
import type { NodeState } from './node-state.ts';
import type { PodFacts } from './pod-facts.ts';

/** How many pods of some sort there are on each node. */
export type NodeCounts = ReadonlyMap<NodeState, number>;

/** A sort of pods. */
export interface PodSort {
  /** The same for all sorts that mean the same pods. */
  readonly key: string;
  readonly matches: (pod: PodFacts) => boolean;
}

/** Sorts that are counted at the same time; of more, the one is let go of that was asked for least recently. */
const talliesMax = 128;

/**
 * Counts of pods on nodes for the sorts that schedulable pods ask for: a sort is counted once over all
 * pods, and then as they come and go. The pods of one workload all ask for the same sorts.
 */
export class PodTallies {
  /** The least recently used first. */
  readonly #tallies = new Map<string, Tally>();

  of(sort: PodSort, nodes: Iterable<NodeState>): NodeCounts {
    const known = this.#tallies.get(sort.key);
    if (known !== undefined) {
      this.#tallies.delete(sort.key);
      this.#tallies.set(sort.key, known);
      return known.counts;
    }
    const counts = new Map<NodeState, number>();
    for (const node of nodes) {
      let count = 0;
      for (const pod of node.pods()) if (sort.matches(pod)) count++;
      if (count > 0) counts.set(node, count);
    }
    this.#tallies.set(sort.key, { matches: sort.matches, counts });
    if (this.#tallies.size > talliesMax) {
      for (const oldest of this.#tallies.keys()) {
        this.#tallies.delete(oldest);
        break;
      }
    }
    return counts;
  }

  /** A pod has come to a node, or has left it. */
  count(pod: PodFacts, node: NodeState, times: 1 | -1): void {
    for (const { matches, counts } of this.#tallies.values()) {
      if (matches(pod)) addCount(counts, node, times);
    }
  }

  /** What decides about sorts has changed: they are counted anew. */
  clear(): void {
    this.#tallies.clear();
  }
}

interface Tally {
  readonly matches: PodSort['matches'];
  readonly counts: Map<NodeState, number>;
}
