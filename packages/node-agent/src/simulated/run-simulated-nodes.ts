import type { Logger } from '@fairway/host';
import { Node } from '@fairway/kinds/core/v1';
import type { UserInfo } from '@fairway/protocol';
import { type ComponentApi, createInformers, leanInformer, keepRunning } from '@fairway/reconcile';
import { followNodes } from './follow-nodes.ts';
import { followPods } from './follow-pods.ts';
import { NodeClients, clientOf } from './node-clients.ts';
import { defaultStages } from './parse-stages.ts';
import { simulatedNodesMax } from './simulated-node.ts';
import type { Stage } from './stage.ts';

export interface SimulatedNodesOptions extends ComponentApi {
  readonly logger: Logger;
  /** How many nodes there are to be: `simulated-1` and those after it; others of them are taken away. */
  readonly count: number;
  /** What pods and nodes do, from `parseStages`; the defaults when absent. */
  readonly stages?: readonly Stage[];
}

/**
 * Pretends nodes until the signal aborts: those of the number, and every node with the annotation
 * `kwok.x-k8s.io/node: fake`. Their pods run, become ready, complete, fail and end as the stages say. All that
 * they are stands in the API: who runs this again goes on where it was.
 *
 * Errors: `RangeError` for a number of nodes that no cluster has.
 */
export async function runSimulatedNodes(
  options: SimulatedNodesOptions,
  signal: AbortSignal,
): Promise<void> {
  checkNodeCount(options.count);
  const { logger, clock, random, count } = options;
  const stages = options.stages ?? defaultStages();
  const reader = clientOf(options, nodesReader, 'kwok-controller');
  const controller = clientOf(options, nodeController, 'kwok-controller');
  const clients = new NodeClients(options, { logger, signal });
  await keepRunning(pretend, {
    clock,
    signal,
    onFailure: (error) =>
      logger.error('the simulated nodes have failed and are run again', { error }),
  });
  await clients.flushed();

  async function pretend(): Promise<void> {
    const working = new AbortController();
    const either = AbortSignal.any([signal, working.signal]);
    const informers =
      options.informers ?? createInformers({ client: reader, signal: either, logger });
    const nodes = leanInformer(informers, Node);
    const parts = { nodes, clients, stages, clock, random, logger };
    try {
      await Promise.all([
        followNodes({ ...parts, controller, count }, either),
        followPods({ ...parts, reader, informers }).run({ signal: either }),
      ]);
    } finally {
      working.abort();
    }
  }
}

/** `shown` is how whoever gave the number wrote it. Errors: `RangeError`. */
export function checkNodeCount(count: number, shown = String(count)): void {
  if (Number.isSafeInteger(count) && count >= 0 && count <= simulatedNodesMax) return;
  throw new RangeError(`${shown} is no number of nodes: there may be 0 to ${simulatedNodesMax}`);
}

/** Reads nodes and pods for all of them. */
const nodesReader: UserInfo = {
  username: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
};

/** May do with nodes what they may not themselves. */
const nodeController: UserInfo = {
  username: 'system:serviceaccount:kube-system:node-controller',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};
