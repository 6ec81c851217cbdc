import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { SpreadConstraint } from '../snapshot/spread-constraints.ts';
import { countAlike, hasAllTopologies, isIncluded } from './alike-pods.ts';
import { scoreMax } from './normalize-scores.ts';
import type { NodeScore } from './plugin.ts';

/** The topology whose domains are single nodes. */
export const hostname = 'kubernetes.io/hostname';

/** Prefers nodes in domains with few pods that are alike. */
export function spreadScore(
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
    !isLenient && !hasAllTopologies(facts.labels, constraints);
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
