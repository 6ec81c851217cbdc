import type { DaemonSet } from '@fairway/kinds/apps/v1';
import { type DeepReadonly, type KubernetesObject, equalsJson, labelsOf } from '@fairway/protocol';
import { type Change, type Informer, keyOf } from '@fairway/reconcile';
import type { AnySet } from './daemon-pod.ts';
import { type AnyNode, fitnessFor } from './node-fitness.ts';

/** The keys of the sets that a change of a node concerns: those that want something else of it than before. */
export function setsOfNode(
  sets: Informer<DaemonSet>,
): (change: Change<KubernetesObject>) => readonly string[] {
  return ({ type, object: node, old }) => {
    if (type === 'deleted') return [...sets.keys()];
    if (old !== undefined && isSamePlace(node, old)) return [];
    return [...sets.objects()].filter((set) => isOtherFor(set, node, old)).map(keyOf);
  };
}

/** Neither moves pods. What else changes of a node, such as its heartbeat, is no matter. */
function isSamePlace(node: AnyNode, old: AnyNode): boolean {
  return (
    equalsJson(labelsOf(node), labelsOf(old)) && equalsJson(node.spec?.taints, old.spec?.taints)
  );
}

function isOtherFor(
  set: AnySet,
  node: DeepReadonly<KubernetesObject>,
  old: DeepReadonly<KubernetesObject> | undefined,
): boolean {
  const fitness = fitnessFor(set);
  const none = { shouldRun: false, mayStay: false };
  return !equalsJson(fitness(node), old === undefined ? none : fitness(old));
}
