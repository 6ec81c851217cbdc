import type { Client } from '@fairway/client';
import type { Clock, Logger, Random } from '@fairway/host';
import { isMirrorPod, mirrorAnnotation } from '@fairway/kind-rules/pods';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { type DeepReadonly, annotationsOf, equalsJson } from '@fairway/protocol';
import {
  type Informer,
  type ReconcileSource,
  type Requeue,
  informerSource,
  keyOf,
  ownerReference,
  requeueAfter,
  runReconcileLoop,
  unlessOutdated,
} from '@fairway/reconcile';
import { deletePod, writePodStatus } from '../pod-lifecycle/write-pod.ts';
import type { StaticPod } from './parse-static-pod.ts';
import type { StaticPods } from './static-pods.ts';

export interface MirrorPodsParts {
  readonly staticPods: StaticPods;
  /** Pods that are bound to this node. */
  readonly pods: Informer<Pod>;
  /** As the API has it; undefined until it is known. */
  readonly node: () => DeepReadonly<Node> | undefined;
  /** Writes as the node. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** How soon it is seen whether the node is known. */
const nodePauseMs = 1_000;

/**
 * Shows the static pods of a node in the API until the signal aborts: each by a mirror pod with its status, that
 * is made again when somebody deletes it, and goes with it.
 */
export function keepMirrorPods(parts: MirrorPodsParts, signal: AbortSignal): Promise<void> {
  const { staticPods, pods, clock, random, logger } = parts;
  return runReconcileLoop(
    {
      name: 'mirror pods',
      clock,
      random,
      logger,
      sources: [informerSource(pods, ({ object }) => [keyOf(object)]), staticPodSource(staticPods)],
      reconcile: (key) => mirror(key, parts),
    },
    signal,
  );
}

/** Keys of static pods that have changed. */
export function staticPodSource(staticPods: StaticPods): ReconcileSource {
  return {
    name: 'static pods',
    start(enqueue) {
      for (const pod of staticPods.objects()) enqueue(keyOf(pod));
      const listening = staticPods.onChange((key) => enqueue(key));
      return () => listening[Symbol.dispose]();
    },
    synced: staticPods.synced,
    ended: new Promise(() => undefined),
  };
}

async function mirror(key: string, parts: MirrorPodsParts): Promise<Requeue | undefined> {
  const { staticPods, pods, client } = parts;
  const pod = staticPods.get(key);
  const found = pods.get(key);
  if (found === undefined) return pod && create(pod, parts);
  if (!isMirrorPod(found)) {
    if (pod !== undefined) parts.logger.warn('a static pod has the name of another pod', { key });
    return undefined;
  }
  const isCurrent = annotationsOf(found)[mirrorAnnotation] === pod?.metadata?.uid;
  if (pod === undefined || !isCurrent || found.metadata?.deletionTimestamp !== undefined) {
    await deletePod(client, found, 'now');
  } else if (!equalsJson((found.status ?? {}) as never, (pod.status ?? {}) as never)) {
    await writePodStatus(client, found, pod);
  }
  return undefined;
}

async function create(
  pod: StaticPod,
  { client, node }: MirrorPodsParts,
): Promise<Requeue | undefined> {
  const owner = node();
  if (owner === undefined) return requeueAfter(nodePauseMs);
  const { name, namespace = '', uid = '', labels, annotations } = pod.metadata ?? {};
  const draft = {
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [mirrorAnnotation]: uid },
      ownerReferences: [{ ...ownerReference(Node, owner as Node), controller: true }],
    },
    spec: pod.spec,
  };
  await unlessOutdated(client.create(Pod, draft as Pod));
  return undefined;
}
