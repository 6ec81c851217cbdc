import { metadataOf, type MetadataDraft } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

/** Source: Kubernetes admission, StorageObjectInUseProtection. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  operations: ['CREATE'],
  resources: ['/persistentvolumes', '/persistentvolumeclaims'],
  async admit({ draft, resource }) {
    if (draft === undefined) return;
    admitStorageProtection(draft, resource.plural as 'persistentvolumes');
  },
};

/** Keeps a new volume or claim from going while it is in use. */
export function admitStorageProtection(
  draft: { metadata?: MetadataDraft },
  plural: 'persistentvolumes' | 'persistentvolumeclaims',
): void {
  const finalizer =
    plural === 'persistentvolumes' ? 'kubernetes.io/pv-protection' : 'kubernetes.io/pvc-protection';
  const metadata = metadataOf(draft);
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) metadata.finalizers = [...finalizers, finalizer];
}
