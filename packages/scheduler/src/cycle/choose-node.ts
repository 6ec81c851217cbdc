import type { Random } from '@fairway/host';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { Profile } from './profile.ts';

/** The best of some nodes for a pod; one of the best by chance. */
export function chooseNode(
  pod: PodFacts,
  nodes: readonly NodeState[],
  { profile, snapshot, random }: ChoiceParts,
): NodeState | undefined {
  if (nodes.length <= 1) return nodes[0];
  const scores = totalScores(pod, nodes, { profile, snapshot });
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  let alike = 0;
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] ?? 0;
    if (score < bestScore) continue;
    alike = score > bestScore ? 1 : alike + 1;
    bestScore = score;
    // Each of those that are alike has the same chance.
    if (alike === 1 || random.fraction() < 1 / alike) best = at;
  }
  return nodes[best];
}

interface ChoiceParts {
  readonly profile: Profile;
  readonly snapshot: ClusterSnapshot;
  readonly random: Random;
}

/** The scores of all plugins together, as each of them counts. */
export function totalScores(
  pod: PodFacts,
  nodes: readonly NodeState[],
  { profile, snapshot }: Pick<ChoiceParts, 'profile' | 'snapshot'>,
): Float64Array {
  const totals = new Float64Array(nodes.length);
  const scores = new Float64Array(nodes.length);
  for (const { name, score: look } of profile.plugins) {
    const weight = profile.weights.get(name) ?? 0;
    if (look === undefined || weight === 0) continue;
    const plugin = look(pod, snapshot, nodes);
    if (plugin === undefined) continue;
    let at = 0;
    for (const node of nodes) scores[at++] = plugin.score(node);
    plugin.normalize?.(scores);
    for (at = 0; at < totals.length; at++) {
      totals[at] = (totals[at] ?? 0) + weight * (scores[at] ?? 0);
    }
  }
  return totals;
}
