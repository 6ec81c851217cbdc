import { type Client, isAlreadyExists } from '@fairway/client';
import { ServiceAccount } from '@fairway/kinds/core/v1';
import { ClusterRole, ClusterRoleBinding } from '@fairway/kinds/rbac/v1';
import { StorageClass } from '@fairway/kinds/storage/v1';
import { localPathProvisioner } from './local-volume.ts';

/** As whom the provisioner acts. */
export const localPathAccount = { namespace: 'kube-system', name: 'local-path-provisioner' };

const roleName = 'local-path-provisioner';

/**
 * Puts in place what an add-on's manifest would: the account of the provisioner, its rights, and the class
 * `standard` for claims that name none. A class that somebody has deleted stays deleted.
 */
export async function installLocalPath(
  administrator: Client,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const options = { signal };
  await unlessThere(administrator.create(ServiceAccount, { metadata: localPathAccount }, options));
  const role: ClusterRole = { metadata: { name: roleName }, rules: [...rules] };
  const isNew = await unlessThere(administrator.create(ClusterRole, role, options));
  const binding: ClusterRoleBinding = {
    metadata: { name: roleName },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
    subjects: [{ kind: 'ServiceAccount', ...localPathAccount }],
  };
  await unlessThere(administrator.create(ClusterRoleBinding, binding, options));
  if (isNew) await unlessThere(administrator.create(StorageClass, standardClass, options));
}

const standardClass: StorageClass = {
  metadata: {
    name: 'standard',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: localPathProvisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

const rules = [
  {
    apiGroups: [''],
    resources: ['persistentvolumes'],
    verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'],
  },
  {
    apiGroups: [''],
    resources: ['persistentvolumeclaims'],
    verbs: ['get', 'list', 'watch', 'update'],
  },
  { apiGroups: [''], resources: ['persistentvolumeclaims/status'], verbs: ['update'] },
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list', 'watch'] },
  {
    apiGroups: ['', 'events.k8s.io'],
    resources: ['events'],
    verbs: ['create', 'patch', 'update'],
  },
];

/** Answers whether it was made now. */
async function unlessThere(creating: Promise<unknown>): Promise<boolean> {
  try {
    await creating;
    return true;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return false;
  }
}
