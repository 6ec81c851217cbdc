import { StatefulSet } from '@fairway/kinds/apps/v1';
import type { PersistentVolumeClaim, Volume } from '@fairway/kinds/core/v1';
import { type DeepReadonly, labelsOf } from '@fairway/protocol';
import { podFromTemplate } from '../pods/pod-from-template.ts';
import type { AnyTemplate } from '../revisions/revision-history.ts';
import { firstOwners } from './claim-retention.ts';
import {
  type AnyClaim,
  type AnyPod,
  type AnySet,
  claimNamesOf,
  identityLabels,
  ordinalOf,
  podNameOf,
  revisionLabel,
} from './pod-identity.ts';

/** A template that pods of a set are made from. */
export interface SetRevision {
  readonly name: string;
  readonly template: AnyTemplate;
}

/** The pod of an ordinal, as a revision describes it. */
export function newStatefulPod(set: AnySet, ordinal: number, revision: SetRevision): AnyPod {
  const pod = podFromTemplate(StatefulSet, set, revision.template);
  const name = podNameOf(set, ordinal);
  const subdomain = set.spec?.serviceName ?? '';
  const volumes = volumesOf(set, ordinal, pod.spec?.volumes ?? []);
  const labels = { ...identityLabels(set, ordinal), [revisionLabel]: revision.name };
  return {
    metadata: { ...pod.metadata, name, labels: { ...pod.metadata?.labels, ...labels } },
    spec: {
      containers: [],
      ...pod.spec,
      hostname: name,
      ...(subdomain === '' ? {} : { subdomain }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The claims that the pod of an ordinal is to have. */
export function newClaims(set: AnySet, ordinal: number): readonly AnyClaim[] {
  const names = claimNamesOf(set, ordinal);
  const namespace = set.metadata?.namespace ?? '';
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => {
    const { name = '', labels, annotations, finalizers } = template.metadata ?? {};
    const owners = firstOwners(set, ordinal);
    return {
      metadata: {
        name: names.get(name) ?? '',
        namespace,
        labels: { ...labels, ...set.spec?.selector.matchLabels },
        ...(annotations === undefined ? {} : { annotations }),
        ...(finalizers === undefined ? {} : { finalizers }),
        ...(owners.length === 0 ? {} : { ownerReferences: owners }),
      },
      ...(template.spec === undefined ? {} : { spec: template.spec }),
    } satisfies DeepReadonly<PersistentVolumeClaim>;
  });
}

/** What a pod that somebody else made lacks to be the one of its ordinal; undefined when it lacks nothing. */
export function repairOf(set: AnySet, pod: AnyPod): object | undefined {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return undefined;
  const labels = identityLabels(set, ordinal);
  const hasLabels = Object.entries(labels).every(([key, value]) => labelsOf(pod)[key] === value);
  const volumes = pod.spec?.volumes ?? [];
  const isMounted = ([template, claim]: readonly [string, string]): boolean =>
    volumes.some(
      ({ name, persistentVolumeClaim }) =>
        name === template && persistentVolumeClaim?.claimName === claim,
    );
  const hasVolumes = [...claimNamesOf(set, ordinal)].every(isMounted);
  if (hasLabels && hasVolumes) return undefined;
  const { uid } = pod.metadata ?? {};
  return {
    metadata: { uid, labels },
    ...(hasVolumes ? {} : { spec: { volumes: volumesOf(set, ordinal, volumes) } }),
  };
}

/** A volume for each claim, and what else there is. */
function volumesOf(
  set: AnySet,
  ordinal: number,
  others: readonly DeepReadonly<Volume>[],
): readonly DeepReadonly<Volume>[] {
  const names = claimNamesOf(set, ordinal);
  const claimed = [...names].map(([name, claimName]) => ({
    name,
    persistentVolumeClaim: { claimName },
  }));
  return [...claimed, ...others.filter(({ name }) => !names.has(name))];
}
