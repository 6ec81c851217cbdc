import { Node, Pod, type Taint } from '@fairway/kinds/core/v1';
import { withPodCondition } from '@fairway/kind-rules/pods';
import {
  type DeepReadonly,
  type KubernetesObject,
  equalsJson,
  formatTime,
} from '@fairway/protocol';
import {
  type Change,
  type Controller,
  type Requeue,
  deleteUnlessOutdated,
  isBeingDeleted,
  keyOf,
  requeueAfter,
  unlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { indexByNode, podsOn } from '../pods/pods-on-node.ts';
import { stayMs } from './stay.ts';

type AnyTaint = DeepReadonly<Taint>;

/** A pod that is to go. */
interface Planned {
  readonly uid: string | undefined;
  /** Since when it may not stay. */
  readonly sinceMs: number;
  readonly dueMs: number;
}

const target = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

const reason = 'TaintManagerEviction';

/**
 * Deletes pods from nodes with NoExecute taints that they do not tolerate, or not for longer.
 * Source: Kubernetes documentation, "Taint based evictions".
 */
export function taintEviction(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const pods = indexByNode(sharedInformer(informers, Pod));
  const nodes = sharedInformer(informers, Node);
  /** By the keys of pods. A new process counts anew from when it sees them. */
  const planned = new Map<string, Planned>();
  return sharedController(parts, Pod, {
    concurrency: 8,
    watches: [watchShared(Node, keysOfTainted)],
    async reconcile({ key, object: pod, record, signal }): Promise<Requeue | undefined> {
      const plan = planned.get(key);
      const isSame = plan !== undefined && plan.uid === pod?.metadata?.uid;
      if (pod === undefined || isBeingDeleted(pod) || !isSame) planned.delete(key);
      if (pod === undefined || isBeingDeleted(pod)) return undefined;
      const taints = evicting(nodes.get(pod.spec?.nodeName ?? ''));
      const mayStayMs = stayMs(taints, pod.spec?.tolerations ?? []);
      const nowMs = client.clock.elapsed();
      if (mayStayMs === Number.POSITIVE_INFINITY) {
        const message = `Cancelling deletion of Pod ${key}`;
        if (planned.delete(key)) record({ type: 'Normal', reason, message });
        return undefined;
      }
      const sinceMs = (isSame ? plan.sinceMs : undefined) ?? nowMs;
      const dueMs = Math.min(sinceMs + mayStayMs, isSame ? plan.dueMs : Number.POSITIVE_INFINITY);
      planned.set(key, { uid: pod.metadata?.uid, sinceMs, dueMs });
      if (dueMs > nowMs) return requeueAfter(dueMs - nowMs);
      record({ type: 'Normal', reason, message: `Marking for deletion Pod ${key}` });
      if (await evict(pod, signal)) planned.delete(key);
      return undefined;
    },
  });

  /** False where the pod has changed meanwhile, which calls for it again. */
  async function evict(pod: DeepReadonly<Pod>, signal: AbortSignal): Promise<boolean> {
    const { name: podName = '', namespace = '', resourceVersion } = pod.metadata ?? {};
    const time = formatTime(client.clock.now());
    const { conditions } = withPodCondition(pod.status as Pod['status'], target, time);
    const part = client.subresource<Pod>(Pod, podName, 'status', { namespace });
    const strategic = { metadata: { resourceVersion }, status: { conditions } };
    const marked = await unlessOutdated(part.patch({ strategic }, { signal }));
    if (marked === undefined) return false;
    await deleteUnlessOutdated(client, Pod, pod, { signal });
    await pods.deletionReached(pod, { signal });
    return true;
  }

  function keysOfTainted({ type, object, old }: Change<KubernetesObject>): readonly string[] {
    const [now, before] = [type === 'deleted' ? undefined : object, old].map((each) =>
      evicting(each as DeepReadonly<Node> | undefined),
    );
    if (equalsJson(now as never, before as never)) return [];
    return podsOn(pods, object.metadata?.name ?? '').map(keyOf);
  }
}

/** What of a node's taints moves pods away that are there. */
function evicting(node: DeepReadonly<Node> | undefined): readonly AnyTaint[] {
  return (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}
