import type { StatefulSet } from '@fairway/kinds/apps/v1';
import type { PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import { type DeepReadonly, labelsOf } from '@fairway/protocol';

export type AnySet = DeepReadonly<StatefulSet>;
export type AnyPod = DeepReadonly<Pod>;
export type AnyClaim = DeepReadonly<PersistentVolumeClaim>;

/** The label of a pod that has the name of the revision that it was made from. */
export const revisionLabel = 'controller-revision-hash';

/** The name of the revision that a pod was made from. */
export function revisionOf(pod: AnyPod): string {
  return labelsOf(pod)[revisionLabel] ?? '';
}

export function podNameOf(set: AnySet, ordinal: number): string {
  return `${set.metadata?.name ?? ''}-${ordinal}`;
}

/** The number that a pod has in its set; undefined when its name is no name in that set. */
export function ordinalOf(set: AnySet, pod: AnyPod): number | undefined {
  const prefix = podNameOf(set, 0).slice(0, -1);
  const name = pod.metadata?.name ?? '';
  if (!name.startsWith(prefix)) return undefined;
  const digits = name.slice(prefix.length);
  return /^(?:0|[1-9][0-9]{0,9})$/.test(digits) ? Number(digits) : undefined;
}

/** The ordinal that comes first; those that are wanted follow it without a hole. */
export function startOrdinal({ spec }: AnySet): number {
  return spec?.ordinals?.start ?? 0;
}

export function replicasOf({ spec }: AnySet): number {
  return spec?.replicas ?? 1;
}

export function isWanted(set: AnySet, ordinal: number): boolean {
  const index = ordinal - startOrdinal(set);
  return index >= 0 && index < replicasOf(set);
}

/** Labels by which a pod is found by its place in the set. */
export function identityLabels(set: AnySet, ordinal: number): Readonly<Record<string, string>> {
  return {
    'statefulset.kubernetes.io/pod-name': podNameOf(set, ordinal),
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
}

/** The claims that the pod of an ordinal has, by the name of the template and of its volume. */
export function claimNamesOf(set: AnySet, ordinal: number): ReadonlyMap<string, string> {
  return new Map(
    (set.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => {
      const template = metadata?.name ?? '';
      return [template, `${template}-${podNameOf(set, ordinal)}`] as const;
    }),
  );
}
