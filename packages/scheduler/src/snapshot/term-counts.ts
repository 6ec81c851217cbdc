import type { AffinityTerm } from './affinity-terms.ts';
import { addCount } from './counts.ts';
import type { NodeState } from './node-state.ts';
import type { PodFacts } from './pod-facts.ts';
import type { NodeCounts } from './pod-tallies.ts';

/** What the terms of pods on nodes are for. */
export type TermUse = 'required' | 'requiredAnti' | 'preferred' | 'preferredAnti';

/** A term that pods on nodes have, and how many of them on which nodes. */
export interface HeldTerm {
  readonly term: AffinityTerm;
  readonly counts: NodeCounts;
}

/**
 * The affinity terms of all pods on nodes, each once however many pods have it: the pods of a workload
 * share theirs.
 */
export class TermCounts {
  readonly #terms: Readonly<Record<TermUse, Map<string, CountedTerm>>> = {
    required: new Map(),
    requiredAnti: new Map(),
    preferred: new Map(),
    preferredAnti: new Map(),
  };

  held(use: TermUse): Iterable<HeldTerm> {
    return this.#terms[use].values();
  }

  count({ affinityTerms }: PodFacts, node: NodeState, times: 1 | -1): void {
    if (affinityTerms === undefined) return;
    for (const use of uses) {
      for (const term of affinityTerms[use]) this.#countTerm(this.#terms[use], term, node, times);
    }
  }

  #countTerm(
    terms: Map<string, CountedTerm>,
    term: AffinityTerm,
    node: NodeState,
    times: 1 | -1,
  ): void {
    const key = `${term.weight} ${term.key}`;
    const counted = terms.get(key) ?? { term, counts: new Map<NodeState, number>() };
    addCount(counted.counts, node, times);
    if (counted.counts.size === 0) terms.delete(key);
    else terms.set(key, counted);
  }
}

interface CountedTerm {
  readonly term: AffinityTerm;
  readonly counts: Map<NodeState, number>;
}

const uses = ['required', 'requiredAnti', 'preferred', 'preferredAnti'] as const;
