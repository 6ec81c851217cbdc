import { Node } from '@fairway/kinds/core/v1';
import { type Controller, unlessOutdated } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';

const annotation = 'node.alpha.kubernetes.io/ttl';

/** Of how many nodes to how many, and how long each then keeps what it has read. They overlap, so that a number near a bound does not go to and fro. */
const steps = [
  { nodesMin: 0, nodesMax: 100, ttlSeconds: 0 },
  { nodesMin: 90, nodesMax: 500, ttlSeconds: 15 },
  { nodesMin: 450, nodesMax: 1_000, ttlSeconds: 30 },
  { nodesMin: 900, nodesMax: 2_000, ttlSeconds: 60 },
  { nodesMin: 1_800, nodesMax: Number.POSITIVE_INFINITY, ttlSeconds: 300 },
] as const;

/**
 * Tells nodes how long to keep config maps and secrets that they have read, the longer the more nodes there are.
 * Source: kube-controller-manager, ttl controller.
 */
export function nodeTtl(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const nodes = sharedInformer(informers, Node);
  let step = 0;
  return sharedController(parts, Node, {
    async reconcile({ object: node, name: nodeName, signal, reached }) {
      if (node === undefined) return;
      step = stepOf(nodes.size, step);
      const ttl = String(steps[step]?.ttlSeconds ?? 0);
      if (node.metadata?.annotations?.[annotation] === ttl) return;
      const strategic = { metadata: { annotations: { [annotation]: ttl } } };
      const changed = await unlessOutdated(client.patch(Node, nodeName, { strategic }, { signal }));
      if (changed !== undefined) await reached(changed);
    },
  });
}

/** The step for so many nodes, from the one before. */
export function stepOf(nodeCount: number, before: number): number {
  let step = before;
  while (nodeCount > (steps[step]?.nodesMax ?? Number.POSITIVE_INFINITY)) step++;
  while (nodeCount < (steps[step]?.nodesMin ?? 0)) step--;
  return step;
}
