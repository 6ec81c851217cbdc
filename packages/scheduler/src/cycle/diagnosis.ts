import type { PluginName, Refusal } from '../plugins/plugin.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { NodeRefusal } from './pod-filters.ts';

/** Why a pod can be on no node. */
export class Diagnosis {
  readonly nodeCount: number;
  /** Whose refusals stand in the way: what they wait for is what the pod waits for. */
  readonly refusedBy = new Set<PluginName>();
  /** Nodes that others could make way on. */
  readonly passing: NodeState[] = [];
  /** Of how many nodes each reason is true. */
  readonly #reasons = new Map<string, number>();
  readonly #refusals = new Map<Refusal, number>();
  /** Said of the pod and not of nodes. */
  #podReason: string | undefined;

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
  }

  refusePod(by: PluginName, reason: string): void {
    this.refusedBy.add(by);
    this.#podReason = reason;
  }

  refuse(node: NodeState, { by, refusal }: NodeRefusal): void {
    this.refusedBy.add(by);
    if (!refusal.isLasting) this.passing.push(node);
    this.#refusals.set(refusal, (this.#refusals.get(refusal) ?? 0) + 1);
  }

  /** So many nodes were not looked at, because plugins name others. */
  leaveOut(count: number, namers: readonly PluginName[]): void {
    for (const name of namers) this.refusedBy.add(name);
    if (count > 0) {
      this.#reasons.set(
        `node(s) didn't satisfy plugin(s) [${[...namers].sort().join(' ')}]`,
        count,
      );
    }
  }

  /** As in the events of kube-scheduler. `preemption`: what came of making others leave. */
  message(preemption = ''): string {
    if (this.nodeCount === 0) return 'no nodes available to schedule pods';
    const told = this.#podReason ?? countedReasons(this.#reasons, this.#refusals);
    const reasons = told === '' ? '' : ` ${told}.`;
    const after = preemption === '' ? '' : ` ${preemption}`;
    return `0/${this.nodeCount} nodes are available:${reasons}${after}`;
  }
}

/** `2 Insufficient cpu, 1 Too many pods`, in the order of the texts. */
export function countedReasons(
  reasons: ReadonlyMap<string, number>,
  refusals: ReadonlyMap<Refusal, number> = new Map(),
): string {
  const counts = new Map(reasons);
  for (const [{ reasons: each }, count] of refusals) {
    for (const reason of each) counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
