import { matchesLabelSelector } from '@fairway/protocol';
import { matchesNodeAffinity, repellingEffects, untoleratedTaint } from '@fairway/kind-rules/pods';
import type { ClusterEvent } from '../snapshot/cluster-event.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeFacts } from '../snapshot/node-facts.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { NodeCounts } from '../snapshot/pod-tallies.ts';
import type { SpreadConstraint } from '../snapshot/spread-constraints.ts';
import { defaultSelector } from './default-selector.ts';
import { scoreMax } from './normalize-scores.ts';
import { type NodeFilter, type NodeScore, type Plugin, lasting, passing } from './plugin.ts';

/** What pods are spread by that say nothing themselves, with the selector of what owns them. */
export type DefaultConstraint = Pick<SpreadConstraint, 'topologyKey' | 'maxSkew' | 'isRequired'>;

export interface SpreadArguments {
  readonly defaults: readonly DefaultConstraint[];
  /** A node without a zone still counts as a host. */
  readonly areDefaultsLenient: boolean;
}

const hostname = 'kubernetes.io/hostname';

/** Source: Kubernetes documentation, topology spread constraints, cluster-level defaults. */
export const builtInSpread: SpreadArguments = {
  defaults: [
    { topologyKey: hostname, maxSkew: 3, isRequired: false },
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, isRequired: false },
  ],
  areDefaultsLenient: true,
};

const uneven = passing("node(s) didn't match pod topology spread constraints");
const unlabelled = lasting(
  "node(s) didn't match pod topology spread constraints (missing required label)",
);

/** Spreads pods that are alike evenly over hosts, zones or whatever labels of nodes say. */
export function podTopologySpread(given: SpreadArguments): Plugin {
  return {
    name: 'PodTopologySpread',
    filter: (pod, snapshot) => {
      const constraints = constraintsOf(pod, snapshot, given).filter((each) => each.isRequired);
      return constraints.length === 0 ? undefined : filterBy(constraints, pod, snapshot);
    },
    score: (pod, snapshot, nodes) => {
      const constraints = constraintsOf(pod, snapshot, given).filter((each) => !each.isRequired);
      if (constraints.length === 0) return undefined;
      const isLenient = pod.spreadConstraints.length === 0 && given.areDefaultsLenient;
      return scoreBy(constraints, { pod, snapshot, nodes, isLenient });
    },
    mayHelp: (event, pod, snapshot) => {
      const constraints = constraintsOf(pod, snapshot, given).filter((each) => each.isRequired);
      return mayHelp(event, pod, constraints);
    },
  };
}

function mayHelp(
  event: ClusterEvent,
  pod: PodFacts,
  constraints: readonly SpreadConstraint[],
): boolean {
  const isCounted = (other: PodFacts): boolean =>
    constraints.some((each) => isAlike(each, pod.namespace, other));
  const hasLabels = ({ labels }: NodeFacts): boolean => hasAll(labels, constraints);
  switch (event.kind) {
    case 'node added':
    case 'node deleted':
      return hasLabels(event.node.facts);
    case 'node updated': {
      const { before, node } = event;
      if (!hasLabels(before) && !hasLabels(node.facts)) return false;
      return before.labels !== node.facts.labels || before.taints !== node.facts.taints;
    }
    case 'pod placed':
    case 'pod gone':
      return isCounted(event.pod);
    case 'pod updated':
      return isCounted(event.pod) !== isCounted(event.before);
    default:
      return false;
  }
}

function filterBy(
  constraints: readonly SpreadConstraint[],
  pod: PodFacts,
  snapshot: ClusterSnapshot,
): NodeFilter {
  const domains = constraints.map((constraint) => new Domains(constraint, pod));
  const counts = constraints.map((constraint) => countAlike(constraint, pod, snapshot));
  for (const node of snapshot.nodes) {
    if (!hasAll(node.facts.labels, constraints)) continue;
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
      if (!hasAll(node.facts.labels, constraints)) return;
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

function scoreBy(
  constraints: readonly SpreadConstraint[],
  {
    pod,
    snapshot,
    nodes,
    isLenient,
  }: {
    readonly pod: PodFacts;
    readonly snapshot: ClusterSnapshot;
    readonly nodes: readonly NodeState[];
    readonly isLenient: boolean;
  },
): NodeScore {
  const isIgnored = ({ facts }: NodeState): boolean =>
    !isLenient && !hasAll(facts.labels, constraints);
  const wishes = constraints.map((constraint) =>
    spreadWish(constraint, { pod, snapshot, nodes, isIgnored }),
  );
  return {
    score: (node) => {
      if (isIgnored(node)) return ignored;
      let sum = 0;
      for (const { topologyKey, maxSkew, weight, countAt } of wishes) {
        const value = node.facts.labels[topologyKey];
        if (value !== undefined) sum += countAt(node, value) * weight + (maxSkew - 1);
      }
      return Math.round(sum);
    },
    normalize: fewestIsBest,
  };
}

/** The score of a node that does not have the labels to be compared by. */
const ignored = -1;

interface SpreadWish {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** Domains of which there are few would else not count against many. */
  readonly weight: number;
  readonly countAt: (node: NodeState, value: string) => number;
}

function spreadWish(
  constraint: SpreadConstraint,
  {
    pod,
    snapshot,
    nodes,
    isIgnored,
  }: {
    readonly pod: PodFacts;
    readonly snapshot: ClusterSnapshot;
    readonly nodes: readonly NodeState[];
    readonly isIgnored: (node: NodeState) => boolean;
  },
): SpreadWish {
  const { topologyKey, maxSkew } = constraint;
  const counts = countAlike(constraint, pod, snapshot);
  if (topologyKey === hostname) {
    let size = 0;
    for (const node of nodes) if (!isIgnored(node)) size++;
    const countAt = (node: NodeState): number => counts.get(node) ?? 0;
    return { topologyKey, maxSkew, weight: Math.log(size + 2), countAt };
  }
  const domains = new Map<string, number>();
  for (const node of nodes) {
    const value = node.facts.labels[topologyKey];
    if (value !== undefined && !isIgnored(node)) domains.set(value, 0);
  }
  for (const [node, count] of counts) {
    const value = node.facts.labels[topologyKey];
    const known = value === undefined ? undefined : domains.get(value);
    if (value === undefined || known === undefined || isIgnored(node)) continue;
    if (isIncluded(constraint, pod, node.facts)) domains.set(value, known + count);
  }
  return {
    topologyKey,
    maxSkew,
    weight: Math.log(domains.size + 2),
    countAt: (_, value) => domains.get(value) ?? 0,
  };
}

function fewestIsBest(scores: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const score of scores) {
    if (score === ignored) continue;
    if (score < least) least = score;
    if (score > most) most = score;
  }
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] ?? 0;
    if (score === ignored) scores[at] = 0;
    else if (most === 0) scores[at] = scoreMax;
    else scores[at] = Math.floor((scoreMax * (most + least - score)) / most);
  }
}

function constraintsOf(
  pod: PodFacts,
  snapshot: ClusterSnapshot,
  { defaults }: SpreadArguments,
): readonly SpreadConstraint[] {
  if (pod.spreadConstraints.length > 0 || defaults.length === 0) return pod.spreadConstraints;
  const selector = defaultSelector(pod, snapshot.objects);
  if (selector === undefined) return [];
  const selectorKey = JSON.stringify(selector);
  return defaults.map((each) => ({
    ...each,
    domainsMin: 1,
    selector,
    selectorKey,
    honorsAffinity: true,
    honorsTaints: false,
  }));
}

function countAlike(
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
function isAlike({ selector }: SpreadConstraint, namespace: string, other: PodFacts): boolean {
  if (selector === undefined || other.namespace !== namespace || other.isTerminating) return false;
  return matchesLabelSelector(selector, other.labels);
}

function isIncluded(
  { honorsAffinity, honorsTaints }: SpreadConstraint,
  { spec, tolerations }: PodFacts,
  facts: NodeFacts,
): boolean {
  if (honorsAffinity && !matchesNodeAffinity(spec, facts)) return false;
  return (
    !honorsTaints || untoleratedTaint(facts.taints, tolerations, repellingEffects) === undefined
  );
}

function hasAll(
  labels: NodeFacts['labels'],
  constraints: readonly { readonly topologyKey: string }[],
): boolean {
  for (const { topologyKey } of constraints) if (labels[topologyKey] === undefined) return false;
  return true;
}
