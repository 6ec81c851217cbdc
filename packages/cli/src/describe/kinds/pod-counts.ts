import type { Shown } from '@fairway/kind-rules/shown';
import { Pod } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';
import type { ListQuestion } from '../describer.ts';

/** Asks for the pods that a selector chooses beside an object. */
export function podsBeside(
  { metadata }: Shown<KubernetesObject>,
  labelSelector: string,
): ListQuestion<Pod> {
  return { list: Pod, namespace: metadata?.namespace ?? '', labelSelector };
}

/** `1 Running / 0 Waiting / 0 Succeeded / 0 Failed`, of those that the object controls. */
export function podCountsText(
  { metadata }: Shown<KubernetesObject>,
  pods: readonly Shown<Pod>[],
): string {
  const own = pods.filter(({ metadata: of }) =>
    of?.ownerReferences?.some(
      ({ controller, uid }) => controller === true && uid === metadata?.uid,
    ),
  );
  const count = (phase: string): number =>
    own.filter(({ status }) => status?.phase === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}
