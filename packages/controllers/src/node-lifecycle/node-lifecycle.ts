import { nodeReadiness } from '@fairway/kind-rules/nodes';
import { Lease } from '@fairway/kinds/coordination/v1';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { isPodReady } from '@fairway/kind-rules/pods';
import { type KubernetesObject, type DeepReadonly, formatTime, labelsOf } from '@fairway/protocol';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  formatKey,
  requeueAfter,
  unlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { indexByNode, podsOn } from '../pods/pods-on-node.ts';
import { runTogether } from '../run-together.ts';
import { writeStatus } from '../write-status.ts';
import { type AnyNode, unknownConditions } from './node-conditions.ts';
import { NodeHealth } from './node-health.ts';
import { isMovingAway, taintsOf } from './node-taints.ts';
import { Zones } from './zones.ts';

/** How often it is looked whether a node is still there. */
const lookMs = 5_000;
const leaseNamespace = 'kube-node-lease';
/** Labels of old, which follow those of today. */
const copiedLabels = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
] as const;

/**
 * Says of nodes that do not answer any more that nothing is known of them, keeps pods off nodes by taints that
 * follow from their conditions, and marks pods on nodes that are not ready.
 *
 * Source: Kubernetes documentation, nodes, "Node controller".
 */
export function nodeLifecycle(parts: ControllerParts): Controller {
  const { client, informers, recorder } = parts;
  const nodes = sharedInformer(informers, Node);
  const leases = sharedInformer(informers, Lease);
  const pods = indexByNode(sharedInformer(informers, Pod));
  const health = new NodeHealth();
  const zones = new Zones();
  /** When each node is looked at next. */
  const nextLookMs = new Map<string, number>();
  /** Nodes whose pods have still to be marked. */
  const unmarked = new Set<string>();
  let wereAllDown = false;
  return runTogether([
    sharedController(parts, Node, {
      concurrency: 8,
      reconcile,
    }),
    sharedController(parts, Pod, {
      filter: ({ object, old }) =>
        object.spec?.nodeName !== undefined && object.spec.nodeName !== old?.spec?.nodeName,
      async reconcile({ object: pod, signal }) {
        const node = nodes.get(pod?.spec?.nodeName ?? '');
        const isNotReady = node !== undefined && (nodeReadiness(node) ?? 'True') !== 'True';
        if (pod !== undefined && isNotReady) await markNotReady(pod, signal);
      },
    }),
  ]);

  async function reconcile(request: ReconcileRequest<Node>): Promise<Requeue | undefined> {
    const { name: nodeName, object: node } = request;
    const nowMs = client.clock.elapsed();
    const dueMs = nextLookMs.get(nodeName) ?? nowMs + lookMs;
    const isDue = nowMs >= dueMs;
    if (node === undefined && (isDue || !health.knows(nodeName))) return forget(request);
    nextLookMs.set(nodeName, isDue ? nowMs + lookMs : dueMs);
    if (node !== undefined) {
      if (isDue) await look(request, node);
      // As a look may have changed it.
      else await bringUpToDate(request, node, undefined);
    }
    return requeueAfter((nextLookMs.get(nodeName) ?? nowMs) - nowMs);
  }

  function forget({ name: nodeName, record }: ReconcileRequest<Node>): undefined {
    nextLookMs.delete(nodeName);
    unmarked.delete(nodeName);
    zones.forget(nodeName);
    if (!health.forget(nodeName)) return;
    const message = `Node ${nodeName} event: Removing Node ${nodeName} from Controller`;
    record({ type: 'Normal', reason: 'RemovingNode', message });
  }

  async function look(request: ReconcileRequest<Node>, seen: AnyNode): Promise<void> {
    const { name: nodeName, record, signal } = request;
    if (!health.knows(nodeName)) {
      const message = `Node ${nodeName} event: Registered Node ${nodeName} in Controller`;
      record({ type: 'Normal', reason: 'RegisteredNode', message });
    }
    const lease = leases.get(formatKey({ namespace: leaseNamespace, name: nodeName }));
    const times = { elapsedMs: client.clock.elapsed(), nowMs: client.clock.now() };
    const isSilent = health.isSilent(seen, lease, times);
    const node =
      isSilent && nodeReadiness(seen) !== 'Unknown' ? await setUnknown(request, seen) : seen;
    if (node === undefined) return;
    const isReady = nodeReadiness(node) === 'True';
    zones.note(node, isReady);
    if (!isReady && nodeReadiness(seen) === 'True') {
      const message = `Node ${nodeName} status is now: NodeNotReady`;
      record({ type: 'Normal', reason: 'NodeNotReady', message });
      unmarked.add(nodeName);
    }
    if (isReady) unmarked.delete(nodeName);
    await bringUpToDate(request, node, evictsFrom(node));
    if (!unmarked.has(nodeName)) return;
    for (const pod of podsOn(pods, nodeName)) await markNotReady(pod, signal);
    unmarked.delete(nodeName);
  }

  /** Undefined where it has changed meanwhile. */
  async function setUnknown(
    request: ReconcileRequest<Node>,
    node: AnyNode,
  ): Promise<AnyNode | undefined> {
    const conditions = unknownConditions(node, client.clock.now());
    const status = { ...(node.status as Node['status']), conditions } as NonNullable<
      Node['status']
    >;
    return writeStatus<Node>(request, Node, { object: node, status });
  }

  /** Undefined: as it is by now. */
  function evictsFrom(node: AnyNode): boolean | undefined {
    const areAllDown = zones.areAllDown;
    if (wereAllDown && !areAllDown) health.restart(client.clock.elapsed());
    wereAllDown = areAllDown;
    if (areAllDown) return false;
    if (nodeReadiness(node) === 'True' || (node.spec?.taints ?? []).some(isMovingAway))
      return undefined;
    return zones.mayEmpty(node.metadata?.name ?? '', client.clock.elapsed()) ? true : undefined;
  }

  async function bringUpToDate(
    { signal, reached }: ReconcileRequest<Node>,
    node: AnyNode,
    evicts: boolean | undefined,
  ): Promise<void> {
    const { name: nodeName = '', resourceVersion } = node.metadata ?? {};
    const before = node.spec?.taints ?? [];
    const taints = taintsOf(node, { evicts, nowMs: client.clock.now() });
    const labels = labelsToCopy(node);
    if (taints === before && Object.keys(labels).length === 0) return;
    const merge = {
      metadata: { resourceVersion, labels },
      ...(taints === before ? {} : { spec: { taints: taints.length === 0 ? null : taints } }),
    };
    const written = await unlessOutdated(client.patch(Node, nodeName, { merge }, { signal }));
    if (written !== undefined) await reached(written);
  }

  /** A pod on a node that does not answer may or may not run: nothing is to be sent to it. */
  async function markNotReady(pod: DeepReadonly<Pod>, signal: AbortSignal): Promise<void> {
    if (!isPodReady(pod)) return;
    const conditions = (pod.status?.conditions ?? []).map((each) =>
      each.type === 'Ready'
        ? { ...each, status: 'False', lastTransitionTime: formatTime(client.clock.now()) }
        : each,
    );
    const status = { ...(pod.status as Pod['status']), conditions } as NonNullable<Pod['status']>;
    const reached = (changed: KubernetesObject): Promise<void> => pods.reached(changed, { signal });
    const writer = { client, reached, signal };
    const written = await writeStatus<Pod>(writer, Pod, { object: pod, status });
    if (written === undefined) return;
    const event = {
      type: 'Warning',
      reason: 'NodeNotReady',
      message: 'Node is not ready',
    } as const;
    recorder.record(Pod, pod as Pod, event);
  }
}

function labelsToCopy(node: AnyNode): Readonly<Record<string, string>> {
  const labels = labelsOf(node);
  const copied = copiedLabels.flatMap(([from, to]) => {
    const value = labels[from];
    return value === undefined || labels[to] === value ? [] : [[to, value] as const];
  });
  return Object.fromEntries(copied);
}
