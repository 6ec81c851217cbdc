import type { Client } from '@fairway/client';
import { Lease } from '@fairway/kinds/coordination/v1';
import { Node, type NodeCondition, Pod } from '@fairway/kinds/core/v1';
import { isPodReady } from '@fairway/kind-rules/pods';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import { type Controller, createController, requeueAfter } from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';
import { unlessOutdated } from '../unless-outdated.ts';
import { HeardNodes } from './heard-nodes.ts';
import { conditionOf, nodeTaints } from './node-taints.ts';

type AnyNode = DeepReadonly<Node>;

/** A node that nothing is heard of for so long is not known to work. Source: `--node-monitor-grace-period`. */
const graceMs = 50_000;
const leaseNamespace = 'kube-node-lease';

/**
 * Says of nodes that fell silent that nobody knows how they are, of their pods that they are not ready, and
 * taints each node as its conditions want it.
 *
 * Source: Kubernetes, nodes: heartbeats, and the node controller.
 */
export function nodeLifecycle(parts: ControllerParts): Controller {
  const { name, client, informers, recorder, logger } = parts;
  const { clock } = client;
  const leases = informers.of(Lease, { namespace: leaseNamespace });
  const pods = informers.of(Pod, { allNamespaces: true, index: { nodeName } });
  const heard = new HeardNodes(clock);
  return createController(client, Node, {
    name,
    informers,
    recorder,
    logger,
    concurrency: 16,
    // Nobody is judged before all pods are known.
    watches: [{ kind: Pod, keysOf: () => [] }],
    async reconcile({ name: node, object, reached, record }) {
      if (object === undefined) return heard.forget(node);
      const silentMs = heard.silentMs(object, leases.get(`${leaseNamespace}/${node}`));
      const isSilent = silentMs >= graceMs;
      const current = isSilent ? await giveUp(client, object) : object;
      if (current === undefined) return undefined;
      const taints = nodeTaints(current, clock.now());
      if (taints !== current.spec?.taints && (taints.length > 0 || current.spec?.taints)) {
        const { resourceVersion } = current.metadata ?? {};
        const merge = { metadata: { resourceVersion }, spec: { taints } };
        const written = await unlessOutdated(client.patch(Node, node, { merge }));
        if (written === undefined) return undefined;
        await reached(written);
      }
      const ready = conditionOf(current, 'Ready');
      if (ready === 'False' || ready === 'Unknown') {
        const lost = pods.by('nodeName', node).filter(isPodReady);
        if (lost.length > 0) {
          const message = `Node ${node} status is now: NodeNotReady`;
          record({ type: 'Normal', reason: 'NodeNotReady', message });
        }
        await Promise.all(lost.map((pod) => markNotReady(client, pod)));
      }
      // While it is silent, only its own word calls for more.
      return isSilent ? requeueAfter(graceMs) : requeueAfter(graceMs - silentMs);
    },
  });
}

function nodeName({ spec }: DeepReadonly<Pod>): string | undefined {
  return spec?.nodeName;
}

const watched = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Nobody knows any more how the node is; undefined where somebody else has said something meanwhile. */
async function giveUp(client: Client, node: AnyNode): Promise<AnyNode | undefined> {
  if (watched.every((type) => conditionOf(node, type) === 'Unknown')) return node;
  const now = formatTime(client.clock.now());
  const conditions = watched.map((type): NodeCondition => {
    const before = node.status?.conditions?.find((each) => each.type === type);
    if (before === undefined) {
      return {
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata?.creationTimestamp ?? now,
        lastTransitionTime: now,
      };
    }
    if (before.status === 'Unknown') return before as NodeCondition;
    return {
      ...before,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: now,
    };
  });
  const { name = '', resourceVersion } = node.metadata ?? {};
  const strategic = { metadata: { resourceVersion }, status: { conditions } };
  return unlessOutdated(client.subresource(Node, name, 'status').patch({ strategic }));
}

async function markNotReady(client: Client, { metadata }: DeepReadonly<Pod>): Promise<void> {
  const { name = '', namespace = '', uid } = metadata ?? {};
  const lastTransitionTime = formatTime(client.clock.now());
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime }];
  const strategic = { metadata: { uid }, status: { conditions } };
  await unlessOutdated(client.subresource(Pod, name, 'status', { namespace }).patch({ strategic }));
}
