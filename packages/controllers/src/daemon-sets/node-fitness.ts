import type { Node } from '@fairway/kinds/core/v1';
import { matchesNodeAffinity, repellingEffects, untoleratedTaint } from '@fairway/kind-rules/pods';
import { type DeepReadonly, labelsOf } from '@fairway/protocol';
import { type AnySet, daemonTolerations } from './daemon-pod.ts';

export type AnyNode = DeepReadonly<Node>;

/** What a set wants of a node. */
export interface NodeFitness {
  /** It is to have a pod. */
  readonly shouldRun: boolean;
  /** A pod that is there may stay, though a new one would not be placed. */
  readonly mayStay: boolean;
}

/** Judges nodes by the selector, affinity, node name and tolerations of a set's template. */
export function fitnessFor({ spec }: AnySet): (node: AnyNode) => NodeFitness {
  const podSpec = spec?.template.spec;
  const tolerations = daemonTolerations(podSpec);
  const wantedName = podSpec?.nodeName ?? '';
  return (node) => {
    const name = node.metadata?.name ?? '';
    const isNamed = wantedName === '' || wantedName === name;
    const isMatched =
      isNamed &&
      (podSpec === undefined || matchesNodeAffinity(podSpec, { name, labels: labelsOf(node) }));
    if (!isMatched) return { shouldRun: false, mayStay: false };
    const taints = node.spec?.taints ?? [];
    return {
      shouldRun: untoleratedTaint(taints, tolerations, repellingEffects) === undefined,
      mayStay: untoleratedTaint(taints, tolerations, ['NoExecute']) === undefined,
    };
  };
}
