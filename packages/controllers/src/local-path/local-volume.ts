import type { Node, PersistentVolume } from '@fairway/kinds/core/v1';
import type { StorageClass } from '@fairway/kinds/storage/v1';
import { type DeepReadonly, labelsOf } from '@fairway/protocol';
import {
  type HeldClaim,
  claimRefTo,
  classNameOf,
  provisionedBy,
} from '@fairway/kind-rules/volumes';

/** What a class names whose volumes are directories of nodes. */
export const localPathProvisioner = 'fairway.dev/local-path';

/** Where nodes keep them, unless the class says otherwise by its parameter `path`. */
const pathDefault = '/opt/local-path-provisioner';

/** Why a claim cannot have a directory of a node; undefined when it can. */
export function whyNotProvisioned({ spec }: HeldClaim): string | undefined {
  const modes: readonly string[] = spec?.accessModes ?? [];
  const other = modes.find((mode) => mode !== 'ReadWriteOnce' && mode !== 'ReadWriteOncePod');
  if (other !== undefined) {
    return `a directory of one node cannot be ${other}: ask for ReadWriteOnce or ReadWriteOncePod`;
  }
  if (spec?.volumeMode === 'Block') return 'a directory is no block device: ask for Filesystem';
  return spec?.selector === undefined ? undefined : 'a new volume has no labels to select it by';
}

/** The volume that a claim gets on a node: a directory there, made when a pod first uses it. */
export function localVolume(
  claim: HeldClaim,
  {
    storageClass,
    node,
  }: { readonly storageClass: DeepReadonly<StorageClass>; readonly node: DeepReadonly<Node> },
): DeepReadonly<PersistentVolume> & { readonly metadata: { readonly name: string } } {
  const { namespace = '', name = '', uid = '' } = claim.metadata ?? {};
  const volumeName = `pvc-${uid}`;
  const { parameters, mountOptions, reclaimPolicy = 'Delete' } = storageClass;
  const root = parameters?.['path'] ?? pathDefault;
  const hostname = labelsOf(node)['kubernetes.io/hostname'] ?? node.metadata?.name ?? '';
  return {
    metadata: { name: volumeName, annotations: { [provisionedBy]: localPathProvisioner } },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: classNameOf(claim),
      ...(mountOptions === undefined ? {} : { mountOptions }),
      claimRef: claimRefTo(claim),
      hostPath: { path: `${root}/${volumeName}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] },
              ],
            },
          ],
        },
      },
    },
  };
}
