import { nodeReadiness } from '@fairway/kind-rules/nodes';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { type NewPodCondition, isPodOver, withPodCondition } from '@fairway/kind-rules/pods';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import {
  type Controller,
  informerSource,
  isBeingDeleted,
  requeueAfter,
  runReconcileLoop,
  deleteUnlessOutdated,
  unlessAnother,
} from '@fairway/reconcile';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { beyondThreshold } from './beyond-threshold.ts';

const everyMs = 20_000;
/** So long the node of a pod may be missing: it may be added again. */
const quarantineMs = 40_000;

const orphaned: NewPodCondition = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};

/**
 * Deletes pods that nobody else will: those that have ended when there are too many, those whose node is gone or
 * out of service, and those that were deleted before they had one.
 *
 * Looks at all of them now and then, so it is made of the loop that `createController` is made of.
 * Source: kube-controller-manager, pod garbage collector.
 */
export function podGarbage(parts: ControllerParts): Controller {
  const { name, client, informers, logger } = parts;
  const pods = sharedInformer(informers, Pod);
  const nodes = sharedInformer(informers, Node);
  /** Since when nodes that pods name are missing. */
  const missingSinceMs = new Map<string, number>();
  const key = 'all pods';
  return {
    run: ({ signal }) =>
      runReconcileLoop(
        {
          name,
          clock: client.clock,
          random: client.random,
          logger,
          sources: [
            {
              ...informerSource(pods, () => []),
              start(enqueue) {
                enqueue(key);
                return () => {};
              },
            },
            informerSource(nodes, () => []),
          ],
          async reconcile(_key, stop) {
            await collect(stop);
            return requeueAfter(everyMs);
          },
        },
        signal,
      ),
  };

  async function collect(signal: AbortSignal): Promise<void> {
    const all = [...pods.objects()];
    const gone = await goneNodes(all, signal);
    for (const pod of beyondThreshold(all)) await remove(pod, signal);
    for (const pod of all) {
      const nodeName = pod.spec?.nodeName ?? '';
      if (gone.has(nodeName)) await remove(pod, signal, orphaned);
      else if (isBeingDeleted(pod) && (nodeName === '' || isOutOfService(nodes.get(nodeName)))) {
        await remove(pod, signal);
      }
    }
  }

  /** Nodes that have been missing for long enough, as the server says too. */
  async function goneNodes(
    all: readonly DeepReadonly<Pod>[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const nowMs = client.clock.elapsed();
    const named = new Set(all.map(({ spec }) => spec?.nodeName ?? ''));
    const gone = new Set<string>();
    for (const node of named) {
      if (node === '' || nodes.get(node) !== undefined) continue;
      const sinceMs = missingSinceMs.get(node) ?? nowMs;
      missingSinceMs.set(node, sinceMs);
      if (nowMs - sinceMs < quarantineMs) continue;
      if ((await client.find(Node, node, { signal })) === undefined) gone.add(node);
    }
    for (const node of missingSinceMs.keys()) {
      if (!named.has(node) || nodes.get(node) !== undefined) missingSinceMs.delete(node);
    }
    return gone;
  }

  /** One that is not over fails first, so that whoever counts it knows how it ended. */
  async function remove(
    pod: DeepReadonly<Pod>,
    signal: AbortSignal,
    condition?: NewPodCondition,
  ): Promise<void> {
    if (!isPodOver(pod)) {
      const { name: podName = '', namespace = '', uid } = pod.metadata ?? {};
      const time = formatTime(client.clock.now());
      const conditions =
        condition === undefined
          ? undefined
          : withPodCondition(pod.status as Pod['status'], condition, time).conditions;
      const status = { phase: 'Failed', ...(conditions === undefined ? {} : { conditions }) };
      const part = client.subresource<Pod>(Pod, podName, 'status', { namespace });
      const failing = part.patch({ strategic: { metadata: { uid }, status } }, { signal });
      if ((await unlessAnother(failing)) === undefined) return;
    }
    await deleteUnlessOutdated(client, Pod, pod, { gracePeriodSeconds: 0, signal });
  }
}

/** Somebody has said so of a node that does not answer: what was on it does not run any more. */
function isOutOfService(node: DeepReadonly<Node> | undefined): boolean {
  if (node === undefined || nodeReadiness(node) === 'True') return false;
  const taints = node.spec?.taints ?? [];
  return taints.some((taint) => taint.key === 'node.kubernetes.io/out-of-service');
}
