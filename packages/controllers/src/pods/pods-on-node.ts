import { podNodeName } from '@fairway/kind-rules/pods';
import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { Informer } from '@fairway/reconcile';

const nodeIndex = 'node';

/** Lets pods be found by the node that they are on: called once by whoever does, with all pods. */
export function indexByNode(pods: Informer<Pod>): Informer<Pod> {
  pods.addIndex(nodeIndex, podNodeName);
  return pods;
}

/** The pods on a node. The informer went through `indexByNode`. */
export function podsOn(pods: Informer<Pod>, node: string): readonly DeepReadonly<Pod>[] {
  return node === '' ? [] : pods.by(nodeIndex, node);
}
