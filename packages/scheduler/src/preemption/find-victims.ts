import { type PodFilters, checkNodeWith, suppose } from '../cycle/pod-filters.ts';
import type { Refusal } from '../plugins/plugin.ts';
import { passing } from '../plugins/plugin.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { Nominations } from '../snapshot/nominations.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { Budgets } from './budgets.ts';

/** Pods that would have to leave a node, the most important first. */
export interface Victims {
  readonly node: NodeState;
  readonly pods: readonly PodFacts[];
  /** How many of them a disruption budget wants to stay. */
  readonly violations: number;
}

const nobody = passing('No preemption victims found for incoming pod');

/**
 * The fewest of the less important pods of a node that have to leave it so that a pod can come, those
 * that a budget protects last; or why their leaving would not help.
 */
export function findVictims(
  filters: PodFilters,
  node: NodeState,
  { nominations, budgets }: { readonly nominations: Nominations; readonly budgets: Budgets },
): Victims | Refusal {
  const { pod } = filters;
  const weaker = [...node.pods()].filter(({ priority }) => priority < pod.priority);
  if (weaker.length === 0) return nobody;
  weaker.sort(compareImportance);
  const ahead = nominations.ahead(node.name, pod);
  const leaving = new Set(weaker);
  suppose(filters, node, { pods: weaker, times: -1 });
  try {
    const refused = checkNodeWith(filters, node, ahead);
    if (refused !== undefined) return refused.refusal;
    const { violating, others } = budgets.split(weaker);
    let violations = 0;
    const staysOrGoes = (each: PodFacts): 'stays' | 'goes' => {
      suppose(filters, node, { pods: [each], times: 1 });
      leaving.delete(each);
      if (checkNodeWith(filters, node, ahead) === undefined) return 'stays';
      suppose(filters, node, { pods: [each], times: -1 });
      leaving.add(each);
      return 'goes';
    };
    for (const each of violating) if (staysOrGoes(each) === 'goes') violations++;
    for (const each of others) staysOrGoes(each);
    return { node, pods: weaker.filter((each) => leaving.has(each)), violations };
  } finally {
    suppose(filters, node, { pods: leaving, times: 1 });
  }
}

/** The more important first; of those alike, the one that has run longer. */
function compareImportance(one: PodFacts, other: PodFacts): number {
  return other.priority - one.priority || one.startedAtMs - other.startedAtMs;
}
