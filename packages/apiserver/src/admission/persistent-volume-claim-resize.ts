import type { PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { StorageClass } from '@fairway/kinds/storage/v1';
import { writtenAmounts } from '@fairway/kind-rules/pods';
import { classNameOf } from '@fairway/kind-rules/volumes';
import { compareQuantities, forbidden } from '@fairway/protocol';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import type { AdmissionPlugin } from './admission-plugin.ts';

/**
 * A claim may grow only where its class allows that. Source: Kubernetes admission,
 * PersistentVolumeClaimResize.
 */
export function persistentVolumeClaimResize(
  cluster: ClusterReader,
): AdmissionPlugin<PersistentVolumeClaim> {
  return {
    name: 'PersistentVolumeClaimResize',
    operations: ['UPDATE'],
    resources: ['/persistentvolumeclaims'],
    async validate({ object, stored, resource, name }) {
      if (object === undefined || stored === undefined) return;
      const before: PersistentVolumeClaim = stored;
      if (!hasGrown(object, before)) return;
      if (before.status?.phase !== 'Bound') {
        const why = 'Only bound persistent volume claims can be expanded';
        throw forbidden({ ...resource, name }, why);
      }
      const className = classNameOf(object);
      if (className !== '' && className === classNameOf(before)) {
        const found = await cluster.find<StorageClass>('storage.k8s.io', 'storageclasses', {
          name: className,
        });
        if (found?.allowVolumeExpansion === true) return;
      }
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
      throw forbidden({ ...resource, name }, why);
    },
  };
}

function hasGrown(claim: PersistentVolumeClaim, before: PersistentVolumeClaim): boolean {
  const wanted = writtenAmounts(claim.spec?.resources?.requests).get('storage');
  const had = writtenAmounts(before.spec?.resources?.requests).get('storage');
  if (wanted === undefined) return false;
  return had === undefined || compareQuantities(wanted, had) > 0;
}
