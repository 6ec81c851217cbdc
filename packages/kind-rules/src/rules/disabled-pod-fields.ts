import type { Draft, KubernetesObject } from '@fairway/protocol';
import type { PodSpec, VolumeProjection } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';

/** Sources of projected volumes that Kubernetes 1.36 has behind gates which are off by default. */
const disabledProjections = ['clusterTrustBundle', 'podCertificate'] as const;

/**
 * The same rules for a kind that has pods or their template, without the fields that are off in
 * Kubernetes 1.36: a write drops them, unless the stored object has them already.
 * Source: kube-apiserver, DropDisabledPodFields.
 */
export function withoutDisabledPodFields<T extends KubernetesObject>(
  rules: KindRules<T>,
  podSpecOf: (object: T) => Draft<PodSpec> | undefined,
): KindRules<T> {
  const { prepareForCreate, prepareForUpdate } = rules;
  return {
    ...rules,
    prepareForCreate: (draft, warn) => {
      dropDisabledFields(podSpecOf(draft), undefined);
      prepareForCreate?.(draft, warn);
    },
    prepareForUpdate: (draft, stored) => {
      dropDisabledFields(podSpecOf(draft), podSpecOf(stored));
      prepareForUpdate?.(draft, stored);
    },
  };
}

function dropDisabledFields(
  spec: Draft<PodSpec> | undefined,
  stored: Draft<PodSpec> | undefined,
): void {
  const projections = projectionsOf(spec);
  if (projections.length === 0) return;
  for (const name of disabledProjections) {
    if (projectionsOf(stored).some((source) => source[name])) continue;
    for (const source of projections) delete source[name];
  }
}

function projectionsOf(spec: Draft<PodSpec> | undefined): Draft<VolumeProjection>[] {
  return (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
}
