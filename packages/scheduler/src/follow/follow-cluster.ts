import { isPodOver, podNodeName } from '@fairway/kind-rules/pods';
import type { Node, Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { type Change, type Informer, keyOf } from '@fairway/reconcile';
import type { SchedulingQueue } from '../queue/scheduling-queue.ts';
import { areSameAmounts } from '../snapshot/amounts.ts';
import type { ClusterEvent, StorageKind } from '../snapshot/cluster-event.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import { type NodeFacts, nodeFacts } from '../snapshot/node-facts.ts';
import type { Nominations } from '../snapshot/nominations.ts';
import { type PodFacts, podFacts } from '../snapshot/pod-facts.ts';
import type { ClusterInformers } from './cluster-informers.ts';

export interface FollowedState {
  readonly snapshot: ClusterSnapshot;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
  /** Whether pods that name this scheduler are scheduled here. */
  readonly isOwn: (schedulerName: string) => boolean;
  /** Something has happened that pods may wait for. */
  readonly onEvent: (event: ClusterEvent) => void;
  /** A change could not be taken in: what decisions are made from is not what the cluster is any more. */
  readonly onFailure: (error: unknown) => void;
}

/** Keeps what decisions are made from as the cluster is, change by change. Answers how to end that. */
export function followCluster(informers: ClusterInformers, state: FollowedState): () => void {
  const { others } = informers;
  const follow = <T extends KubernetesObject>(
    informer: Informer<T>,
    take: (change: Change<T>) => void,
  ): (() => void) =>
    informer.subscribe((change) => {
      try {
        take(change);
      } catch (error) {
        // Thrown, it would end the informer, and with it all others who share it.
        state.onFailure(error);
      }
    });
  const storage = (informer: Informer<KubernetesObject>, of: StorageKind): (() => void) =>
    follow(informer, () => state.onEvent({ kind: 'storage changed', of }));
  const ends = [
    follow(informers.nodes, (change) => takeNode(change, state)),
    follow(informers.pods, (change) => takePod(change, state)),
    follow(others.namespaces, ({ object, old }) => {
      if (old !== undefined && old.metadata?.labels === object.metadata?.labels) return;
      state.snapshot.forgetNamespaces();
      state.onEvent({ kind: 'namespace changed' });
    }),
    storage(others.claims, 'claim'),
    storage(others.volumes, 'volume'),
    storage(others.storageClasses, 'storage class'),
    storage(others.csiNodes, 'CSI node'),
    storage(others.csiDrivers, 'CSI driver'),
    storage(others.storageCapacities, 'storage capacity'),
  ];
  return () => ends.forEach((end) => end());
}

function takeNode({ type, object }: Change<Node>, { snapshot, onEvent }: FollowedState): void {
  const name = object.metadata?.name ?? '';
  const known = snapshot.node(name);
  if (type === 'deleted') {
    snapshot.removeNode(name);
    if (known !== undefined) onEvent({ kind: 'node deleted', node: known });
    return;
  }
  const before = known?.facts;
  const facts = nodeFacts(object);
  const node = snapshot.setNode(facts);
  if (before === undefined) onEvent({ kind: 'node added', node });
  else if (differ(before, facts)) onEvent({ kind: 'node updated', node, before });
}

/** A node tells how it is every few minutes; mostly nothing has changed that anybody waits for. */
function differ(one: NodeFacts, other: NodeFacts): boolean {
  const textOf = ({ name: _, zone: __, images: ___, allocatable, ...rest }: NodeFacts): string =>
    JSON.stringify([rest, { ...allocatable, others: [...allocatable.others] }]);
  return textOf(one) !== textOf(other);
}

function takePod({ type, object }: Change<Pod>, state: FollowedState): void {
  if (type === 'deleted' || isPodOver(object)) return forgetPod(object, state);
  const nodeName = podNodeName(object);
  if (nodeName === undefined) return takeUnplaced(podFacts(object), state);
  const { snapshot, queue, nominations, onEvent } = state;
  const pod = podFacts(object);
  const before = snapshot.placementOf(pod.key);
  queue.delete(pod.key);
  nominations.remove(pod.key);
  snapshot.place(pod, nodeName);
  if (before === undefined) onEvent({ kind: 'pod placed', pod });
  else if (before.nodeName !== nodeName) {
    // It was meant for another node; somebody else has decided.
    onEvent({ kind: 'pod gone', pod: before.pod, node: snapshot.node(before.nodeName) });
    onEvent({ kind: 'pod placed', pod });
  } else if (hasNews(before.pod, pod)) onEvent({ kind: 'pod updated', pod, before: before.pod });
}

function takeUnplaced(pod: PodFacts, state: FollowedState): void {
  const { snapshot, queue, nominations, isOwn } = state;
  // It is on its way to a node, and the cluster does not know yet.
  const placed = snapshot.placementOf(pod.key);
  if (placed !== undefined && placed.pod.uid === pod.uid) return;
  if (!isOwn(pod.schedulerName)) return;
  if (pod.isTerminating) {
    queue.delete(pod.key);
    nominations.remove(pod.key);
    return;
  }
  const known = queue.get(pod.key);
  const isDifferent = known === undefined || differs(known, pod);
  // What this scheduler has nominated it for may not have come back yet.
  if (known === undefined || known.nominatedNode !== pod.nominatedNode) {
    nominations.set(pod, pod.nominatedNode);
  }
  queue.set(pod, { isDifferent });
}

function forgetPod(object: DeepReadonly<Pod>, state: FollowedState): void {
  const { snapshot, queue, nominations, onEvent } = state;
  const key = keyOf(object);
  queue.delete(key);
  nominations.remove(key);
  const placement = snapshot.placementOf(key);
  if (placement === undefined) return;
  snapshot.unplace(key);
  const { pod, nodeName } = placement;
  onEvent({ kind: 'pod gone', pod, node: snapshot.node(nodeName) });
}

/** What others may wait for: its labels, what it takes, and that it is about to go. */
function hasNews(before: PodFacts, now: PodFacts): boolean {
  return (
    before.isTerminating !== now.isTerminating ||
    JSON.stringify(before.labels) !== JSON.stringify(now.labels) ||
    !areSameAmounts(before.requests, now.requests)
  );
}

function differs(before: PodFacts, now: PodFacts): boolean {
  return (
    JSON.stringify([before.labels, before.pod.spec]) !==
      JSON.stringify([now.labels, now.pod.spec]) || !areSameAmounts(before.requests, now.requests)
  );
}
