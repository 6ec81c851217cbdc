import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { CSIStorageCapacity, StorageClass } from '@fairway/kinds/storage/v1';
import type { KubernetesObject } from '@fairway/protocol';

import { nodeLabelDeprecation, nodeTermWarnings } from './node-labels.ts';
import { claimWarnings, sourceWarnings } from './volumes.ts';

export function* persistentVolumeWarnings(volume: PersistentVolume): Iterable<string> {
  yield* annotationWarnings(volume, {
    'volume.beta.kubernetes.io/storage-class': storageClassWhy,
    'volume.beta.kubernetes.io/mount-options':
      'deprecated since v1.31; use "mountOptions" attribute instead',
  });
  const { spec } = volume;
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') {
    yield 'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';
  }
  for (const [index, term] of (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    yield* nodeTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`);
  }
  yield* sourceWarnings(spec ?? {}, 'spec');
}

export function* persistentVolumeClaimWarnings(claim: PersistentVolumeClaim): Iterable<string> {
  yield* annotationWarnings(claim, {
    'volume.beta.kubernetes.io/storage-class': storageClassWhy,
  });
  yield* claimWarnings(claim.spec, 'spec');
}

const storageClassWhy = 'deprecated since v1.8; use "storageClassName" attribute instead';

export function* storageClassWarnings({ allowedTopologies }: StorageClass): Iterable<string> {
  for (const [index, { matchLabelExpressions = [] }] of (allowedTopologies ?? []).entries()) {
    for (const [at, { key }] of matchLabelExpressions.entries()) {
      const why = nodeLabelDeprecation(key);
      if (why === undefined) continue;
      yield `allowedTopologies[${index}].matchLabelExpressions[${at}].key: ${why}`;
    }
  }
}

export function* storageCapacityWarnings({ nodeTopology }: CSIStorageCapacity): Iterable<string> {
  yield* nodeTermWarnings(nodeTopology, 'nodeTopology');
  for (const label of Object.keys(nodeTopology?.matchLabels ?? {})) {
    const why = nodeLabelDeprecation(label);
    if (why !== undefined) yield `nodeTopology.matchLabels.${label}: ${why}`;
  }
}

/** Annotations that have a field of their own by now. */
export function* annotationWarnings(
  { metadata }: KubernetesObject,
  deprecated: Readonly<Record<string, string>>,
): Iterable<string> {
  for (const [name, why] of Object.entries(deprecated)) {
    if (name in (metadata?.annotations ?? {})) yield `metadata.annotations[${name}]: ${why}`;
  }
}
