import { type Client, isAlreadyExists, isNotFound } from '@fairway/client';
import type { Clock, Logger, Random } from '@fairway/host';
import { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type Controller,
  type EventRecorder,
  type Informers,
  type ReconcileRequest,
  type Requeue,
  createController,
  requeueAfter,
  unlessOutdated,
} from '@fairway/reconcile';
import { type NodeRegistration, newNode, nodeLabels } from './new-node.ts';
import { isAsPosted, lastPostedMs, postEveryMs } from './node-conditions.ts';
import { NodeLeases } from './node-leases.ts';
import { type NodeReport, nodeStatus } from './node-status.ts';

/** How often a node looks at itself. Source: kubelet, `nodeStatusUpdateFrequency`. */
const lookEveryMs = 10_000;

export interface NodeSpeaker {
  /** Acts as the node. */
  readonly client: Client;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  readonly registration: NodeRegistration;
  readonly report: () => Promise<NodeReport>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Registers a node, or takes up one that is there already. Its labels follow; what others have said of it
 * stays.
 *
 * Errors: what the API answers.
 */
export async function registerNode({
  client,
  registration,
}: Pick<NodeSpeaker, 'client' | 'registration'>): Promise<void> {
  try {
    await client.create(Node, newNode(registration));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const merge = { metadata: { labels: nodeLabels(registration) } };
    await client.patch(Node, registration.name, { merge });
  }
}

/** Posts the status of a node and renews its lease while it runs. A node that somebody deletes stays deleted. */
export function speakForNode(speaker: NodeSpeaker): Controller {
  const { client, informers, clock, recorder, logger } = speaker;
  const { name } = speaker.registration;
  const leases = new NodeLeases(speaker);
  let hasPosted = false;
  return createController(client, Node, {
    name: 'node-status',
    informers,
    fieldSelector: `metadata.name=${name}`,
    recorder,
    logger,
    // What it has posted itself is no occasion to look.
    filter: ({ type }) => type !== 'updated',
    async reconcile({
      object: node,
      reached,
    }: ReconcileRequest<Node>): Promise<Requeue | undefined> {
      if (node === undefined) {
        logger.warn(
          'this node was deleted: it gets no pods any more; start it again to register it',
          {
            node: name,
          },
        );
        return undefined;
      }
      const written = await post(node);
      if (written !== undefined) await reached(written);
      const leaseDueMs = await leases.renew(client, node);
      const restMs = Math.min(leaseDueMs - clock.elapsed(), lookEveryMs);
      return requeueAfter(Math.max(1, restMs));
    },
  });

  async function post(node: DeepReadonly<Node>): Promise<Node | undefined> {
    const nowMs = clock.now();
    const status = nodeStatus(node, await speaker.report(), nowMs);
    // An agent that begins says that it is there, as a kubelet does, whatever the one before has said.
    const isDue = !hasPosted || nowMs - (lastPostedMs(node) ?? 0) >= postEveryMs;
    if (isAsPosted(node, status) && !isDue) return undefined;
    tellTransition(node, status);
    const strategic = { status };
    try {
      const posted = await unlessOutdated(
        client.subresource(Node, name, 'status').patch({ strategic }),
      );
      hasPosted ||= posted !== undefined;
      return posted;
    } catch (error) {
      // It was deleted a moment ago.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  function tellTransition(node: DeepReadonly<Node>, status: Node['status']): void {
    for (const { type, status: now, reason = '' } of status?.conditions ?? []) {
      const before = node.status?.conditions?.find((each) => each.type === type)?.status;
      if (before === now) continue;
      const said = type !== 'Ready' ? reason : now === 'True' ? 'NodeReady' : 'NodeNotReady';
      const message = `Node ${name} status is now: ${said}`;
      recorder.record(Node, node, { type: 'Normal', reason: said, message });
    }
  }
}
