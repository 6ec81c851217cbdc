import { HeldNetworks, isSimulated } from '@fairway/kind-rules/nodes';
import { Node } from '@fairway/kinds/core/v1';
import { type Controller, unlessOutdated } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';

/**
 * Gives each node a network for its pods; undefined where the cluster has none to give. Those that are
 * pretended get theirs from who pretends them.
 *
 * Source: kube-controller-manager, `--allocate-node-cidrs`.
 */
export function nodeIpam(parts: ControllerParts): Controller | undefined {
  const { client, informers, recorder, podNetworks } = parts;
  if (podNetworks === undefined) return undefined;
  const held = new HeldNetworks(podNetworks);
  const nodes = sharedInformer(informers, Node);
  nodes.subscribe(({ type, object }) => {
    if (type === 'deleted') held.release(object.metadata?.name ?? '');
    else held.note(object);
  });
  return sharedController(parts, Node, {
    async reconcile({ object: node, name: nodeName, signal, reached }) {
      if (node === undefined || node.spec?.podCIDR !== undefined || isSimulated(node)) return;
      const index = held.take(nodeName);
      if (index === undefined) {
        recorder.record(Node, node, {
          type: 'Normal',
          reason: 'CIDRNotAvailable',
          message: `Node ${nodeName} status is now: CIDRNotAvailable`,
        });
        throw new Error(
          `no network is left for the pods of node ${nodeName}: give --cluster-cidr more`,
        );
      }
      const podCIDR = podNetworks.cidrOf(index);
      const merge = { spec: { podCIDR, podCIDRs: [podCIDR] } };
      const changed = await unlessOutdated(client.patch(Node, nodeName, { merge }, { signal }));
      if (changed !== undefined) await reached(changed);
    },
  });
}
