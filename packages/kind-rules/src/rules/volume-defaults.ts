import type { ObjectFieldSelector, PersistentVolumeSpec, Volume } from '@fairway/kinds/core/v1';

import type { Draft } from '@fairway/protocol';

const defaultMode = 0o644;

/**
 * Fills in one volume of a pod. A volume without a source is an empty directory.
 * Source: core/v1 defaults, SetDefaults_Volume.
 */
export function applyVolumeDefaults(volume: Draft<Volume>): void {
  if (!hasSource(volume)) {
    volume.emptyDir = {};
    return;
  }
  if (volume.secret) volume.secret.defaultMode ??= defaultMode;
  if (volume.configMap) volume.configMap.defaultMode ??= defaultMode;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= defaultMode;
    for (const item of volume.downwardAPI.items ?? []) applyFieldRefDefaults(item.fieldRef);
  }
  if (volume.projected) applyProjectedDefaults(volume.projected);
  if (volume.ephemeral?.volumeClaimTemplate) {
    const template = volume.ephemeral.volumeClaimTemplate;
    template.spec ??= {};
    template.spec.volumeMode ??= 'Filesystem';
  }
  applyStorageSourceDefaults(volume);
}

/** Defaults that pods' volumes and persistent volumes have in common. */
export function applyStorageSourceDefaults(
  source: Draft<Volume> | Draft<PersistentVolumeSpec>,
): void {
  if (source.hostPath) source.hostPath.type ??= '';
  if (source.iscsi && !source.iscsi.iscsiInterface) source.iscsi.iscsiInterface = 'default';
  if (source.rbd) {
    if (!source.rbd.pool) source.rbd.pool = 'rbd';
    if (!source.rbd.user) source.rbd.user = 'admin';
    if (!source.rbd.keyring) source.rbd.keyring = '/etc/ceph/keyring';
  }
  if (source.azureDisk) {
    source.azureDisk.cachingMode ??= 'ReadWrite';
    source.azureDisk.kind ??= 'Shared';
    source.azureDisk.fsType ??= 'ext4';
    source.azureDisk.readOnly ??= false;
  }
  if (source.scaleIO) {
    if (!source.scaleIO.storageMode) source.scaleIO.storageMode = 'ThinProvisioned';
    if (!source.scaleIO.fsType) source.scaleIO.fsType = 'xfs';
  }
}

function hasSource(volume: Draft<Volume>): boolean {
  for (const [key, value] of Object.entries(volume)) {
    if (key !== 'name' && value !== undefined && value !== null) return true;
  }
  return false;
}

function applyProjectedDefaults(projected: NonNullable<Draft<Volume>['projected']>): void {
  projected.defaultMode ??= defaultMode;
  for (const source of projected.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
    for (const item of source.downwardAPI?.items ?? []) applyFieldRefDefaults(item.fieldRef);
  }
}

function applyFieldRefDefaults(fieldRef: Draft<ObjectFieldSelector> | undefined): void {
  if (fieldRef && !fieldRef.apiVersion) fieldRef.apiVersion = 'v1';
}
