import { podCondition } from '@fairway/kind-rules/pods';
import { type Diagnosis, countedReasons } from '../cycle/diagnosis.ts';
import type { PodFilters } from '../cycle/pod-filters.ts';
import type { Decider } from '../cycle/schedule-pod.ts';
import type { Refusal } from '../plugins/plugin.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import { Budgets } from './budgets.ts';
import { chooseVictims } from './choose-victims.ts';
import { type Victims, findVictims } from './find-victims.ts';

export type PreemptionPlan =
  | { readonly kind: 'victims'; readonly victims: Victims }
  /** `message`: why, for the event of the pod. `isOver`: nobody makes way for it any more, either. */
  | { readonly kind: 'nobody'; readonly message: string; readonly isOver: boolean };

/** Nodes on which victims are looked for: so many at least, and a tenth of all. */
const candidatesMin = 100;

/** Who should leave which node so that a pod can come that no node has room for. */
export function planPreemption(
  pod: PodFacts,
  failed: { readonly filters: PodFilters | undefined; readonly diagnosis: Diagnosis },
  decider: Decider,
): PreemptionPlan {
  const nobody = (message: string, isOver = false): PreemptionPlan => ({
    kind: 'nobody',
    message: `preemption: ${message}`,
    isOver,
  });
  const { filters, diagnosis } = failed;
  if (pod.spec.preemptionPolicy === 'Never') {
    return nobody('not eligible due to preemptionPolicy=Never.');
  }
  if (isOthersTurn(pod, diagnosis, decider)) {
    return nobody('not eligible due to a terminating pod on the nominated node.');
  }
  const { nodeCount } = diagnosis;
  const refused = new Map<Refusal, number>();
  const candidates: Victims[] = [];
  if (filters !== undefined) {
    for (const found of dryRun(filters, diagnosis.passing, decider)) {
      if ('reasons' in found) refused.set(found, (refused.get(found) ?? 0) + 1);
      else candidates.push(found);
    }
  }
  const victims = chooseVictims(candidates);
  if (victims !== undefined) return { kind: 'victims', victims };
  const hopeless = nodeCount - diagnosis.passing.length;
  const reasons = new Map(
    hopeless > 0 ? [['Preemption is not helpful for scheduling', hopeless]] : [],
  );
  return nobody(`0/${nodeCount} nodes are available: ${countedReasons(reasons, refused)}.`, true);
}

/** Begins anywhere, so that not the same nodes suffer each time. */
function* dryRun(
  filters: PodFilters,
  nodes: readonly NodeState[],
  { snapshot, nominations, random }: Decider,
): Generator<Victims | Refusal> {
  const budgets = new Budgets(snapshot.objects.budgets.objects());
  const wanted = Math.max(candidatesMin, Math.trunc(snapshot.nodes.length / 10));
  const start = Math.floor(random.fraction() * nodes.length);
  let found = 0;
  let isWithoutViolation = false;
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[(start + at) % nodes.length];
    if (node === undefined) continue;
    const victims = findVictims(filters, node, { nominations, budgets });
    yield victims;
    if ('reasons' in victims) continue;
    found++;
    isWithoutViolation ||= victims.violations === 0;
    if (found >= wanted && isWithoutViolation) return;
  }
}

/** Pods have been told to leave for this one, and have not left yet. */
function isOthersTurn(
  pod: PodFacts,
  diagnosis: Diagnosis,
  { snapshot, nominations }: Decider,
): boolean {
  const node = snapshot.node(nominations.nodeOf(pod.key) ?? '');
  if (node === undefined || !diagnosis.passing.includes(node)) return false;
  for (const other of node.pods()) {
    if (other.priority < pod.priority && isLeaving(other)) return true;
  }
  return false;
}

function isLeaving({ pod, isTerminating }: PodFacts): boolean {
  const reason = podCondition(pod, 'DisruptionTarget')?.reason;
  return isTerminating && reason === 'PreemptionByScheduler';
}
