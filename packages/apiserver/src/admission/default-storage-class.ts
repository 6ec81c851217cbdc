import type { PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { StorageClass } from '@fairway/kinds/storage/v1';

import { annotationsOf, type ObjectDraft } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { newestDefaultClass } from './newest-default-class.ts';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const chosenAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** Source: Kubernetes admission, DefaultStorageClass. */
export function defaultStorageClass(
  cluster: ClusterReader,
): AdmissionPlugin<PersistentVolumeClaim> {
  return {
    name: 'DefaultStorageClass',
    operations: ['CREATE'],
    resources: ['/persistentvolumeclaims'],
    async admit({ draft }) {
      if (draft === undefined) return;
      const classes = await cluster.all<StorageClass>('storage.k8s.io', 'storageclasses');
      admitDefaultStorageClass(draft, { classes });
    },
  };
}

/** Gives a new claim that names no storage class the default one, if there is one. */
export function admitDefaultStorageClass(
  claim: ObjectDraft<PersistentVolumeClaim>,
  facts: { readonly classes: readonly StorageClass[] },
): void {
  const isChosen =
    claim.spec?.storageClassName !== undefined ||
    annotationsOf(claim)[chosenAnnotation] !== undefined;
  const name = newestDefaultClass(facts.classes, defaultAnnotations)?.metadata?.name;
  if (isChosen || name === undefined) return;
  claim.spec ??= {};
  claim.spec.storageClassName = name;
}
