import type { AffinityTerm } from '../snapshot/affinity-terms.ts';
import type { ClusterEvent } from '../snapshot/cluster-event.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { NodeCounts } from '../snapshot/pod-tallies.ts';
import { scoreMax } from './normalize-scores.ts';
import { type NodeFilter, type NodeScore, type Plugin, lasting, passing } from './plugin.ts';
import { TopologyCounts } from './topology-counts.ts';

export interface InterPodAffinityArguments {
  /** How much a pod with a term that must hold draws others that match it. */
  readonly hardPodAffinityWeight: number;
}

const noAffinity = lasting("node(s) didn't match pod affinity rules");
const ownAntiAffinity = passing("node(s) didn't match pod anti-affinity rules");
const othersAntiAffinity = passing("node(s) didn't satisfy existing pods anti-affinity rules");

/** Puts pods where others are, or are not, as their terms and the terms of those others say. */
export function interPodAffinity({ hardPodAffinityWeight }: InterPodAffinityArguments): Plugin {
  return {
    name: 'InterPodAffinity',
    filter: (pod, snapshot) => {
      const filter = new AffinityFilter(pod, snapshot);
      return filter.isEmpty ? undefined : filter;
    },
    score: (pod, snapshot) => scoreOf(pod, snapshot, hardPodAffinityWeight),
    mayHelp,
  };
}

function mayHelp(event: ClusterEvent, pod: PodFacts, snapshot: ClusterSnapshot): boolean {
  const { required = [], requiredAnti = [] } = pod.affinityTerms ?? {};
  const isWanted = (other: PodFacts): boolean =>
    required.length > 0 && matchesAll(required, other, snapshot);
  const isInTheWay = (other: PodFacts): boolean =>
    requiredAnti.some((term) => snapshot.termMatches(term, other)) ||
    (other.affinityTerms?.requiredAnti ?? []).some((term) => snapshot.termMatches(term, pod));
  switch (event.kind) {
    case 'pod placed':
      return isWanted(event.pod);
    case 'pod gone':
      return isInTheWay(event.pod);
    case 'pod updated':
      return (
        (isWanted(event.pod) && !isWanted(event.before)) ||
        (isInTheWay(event.before) && !isInTheWay(event.pod))
      );
    case 'node added':
      return required.every(({ topologyKey }) => topologyKey in event.node.facts.labels);
    case 'node updated':
      return event.before.labels !== event.node.facts.labels;
    case 'namespace changed':
      return true;
    default:
      return false;
  }
}

class AffinityFilter implements NodeFilter {
  readonly #pod: PodFacts;
  readonly #snapshot: ClusterSnapshot;
  readonly #required: readonly AffinityTerm[];
  readonly #requiredAnti: readonly AffinityTerm[];
  /** Pods that match all required terms, by the topology of each. */
  readonly #wanted = new TopologyCounts();
  readonly #avoided = new TopologyCounts();
  /** Pods that avoid this one. */
  readonly #avoiding = new TopologyCounts();

  constructor(pod: PodFacts, snapshot: ClusterSnapshot) {
    this.#pod = pod;
    this.#snapshot = snapshot;
    const { required = [], requiredAnti = [] } = pod.affinityTerms ?? {};
    this.#required = required;
    this.#requiredAnti = requiredAnti;
    for (const { term, counts } of snapshot.heldTerms('requiredAnti')) {
      if (snapshot.termMatches(term, pod)) this.#avoiding.addAll(term.topologyKey, counts);
    }
    if (required.length > 0) {
      const matching = countMatching(required, snapshot);
      for (const { topologyKey } of required) this.#wanted.addAll(topologyKey, matching);
    }
    for (const term of requiredAnti) {
      this.#avoided.addAll(term.topologyKey, countMatching([term], snapshot));
    }
  }

  get isEmpty(): boolean {
    return this.#required.length === 0 && this.#requiredAnti.length === 0 && this.#avoiding.isEmpty;
  }

  check(node: NodeState): typeof noAffinity | undefined {
    if (!this.#hasWanted(node)) return noAffinity;
    for (const { topologyKey } of this.#requiredAnti) {
      if (this.#avoided.at(topologyKey, node) > 0) return ownAntiAffinity;
    }
    if (this.#avoiding.hasAnyAt(node)) return othersAntiAffinity;
    return undefined;
  }

  adjust(other: PodFacts, node: NodeState, times: 1 | -1): void {
    const snapshot = this.#snapshot;
    for (const term of other.affinityTerms?.requiredAnti ?? []) {
      if (snapshot.termMatches(term, this.#pod)) this.#avoiding.add(term.topologyKey, node, times);
    }
    if (this.#required.length > 0 && matchesAll(this.#required, other, snapshot)) {
      for (const { topologyKey } of this.#required) this.#wanted.add(topologyKey, node, times);
    }
    for (const term of this.#requiredAnti) {
      if (snapshot.termMatches(term, other)) this.#avoided.add(term.topologyKey, node, times);
    }
  }

  #hasWanted(node: NodeState): boolean {
    let isAtAll = true;
    for (const { topologyKey } of this.#required) {
      if (node.facts.labels[topologyKey] === undefined) return false;
      if (this.#wanted.at(topologyKey, node) <= 0) isAtAll = false;
    }
    // The first of pods that want to be together has nobody to join.
    return (
      isAtAll || (this.#wanted.isEmpty && matchesAll(this.#required, this.#pod, this.#snapshot))
    );
  }
}

function scoreOf(
  pod: PodFacts,
  snapshot: ClusterSnapshot,
  hardWeight: number,
): NodeScore | undefined {
  const sums = new TopologyCounts();
  const { preferred = [], preferredAnti = [] } = pod.affinityTerms ?? {};
  for (const term of preferred) {
    sums.addAll(term.topologyKey, countMatching([term], snapshot), term.weight);
  }
  for (const term of preferredAnti) {
    sums.addAll(term.topologyKey, countMatching([term], snapshot), -term.weight);
  }
  const addHeld = (use: 'required' | 'preferred' | 'preferredAnti', times: number): void => {
    for (const { term, counts } of snapshot.heldTerms(use)) {
      const weight = use === 'required' ? times : times * term.weight;
      if (weight !== 0 && snapshot.termMatches(term, pod)) {
        sums.addAll(term.topologyKey, counts, weight);
      }
    }
  };
  addHeld('required', hardWeight);
  addHeld('preferred', 1);
  addHeld('preferredAnti', -1);
  if (sums.isEmpty) return undefined;
  return { score: (node) => sums.sumAt(node), normalize: spreadOut };
}

/** The least becomes 0 and the highest 100. */
function spreadOut(scores: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (score < least) least = score;
    if (score > most) most = score;
  }
  const range = most - least;
  for (let at = 0; at < scores.length; at++) {
    scores[at] = range > 0 ? Math.trunc((scoreMax * ((scores[at] ?? 0) - least)) / range) : 0;
  }
}

function countMatching(terms: readonly AffinityTerm[], snapshot: ClusterSnapshot): NodeCounts {
  return snapshot.countPods({
    key: `affinity ${terms.map(({ key }) => key).join(' ')}`,
    matches: (other) => matchesAll(terms, other, snapshot),
  });
}

function matchesAll(
  terms: readonly AffinityTerm[],
  pod: PodFacts,
  snapshot: ClusterSnapshot,
): boolean {
  for (const term of terms) if (!snapshot.termMatches(term, pod)) return false;
  return true;
}
