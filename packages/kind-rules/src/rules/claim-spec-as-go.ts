import type { Draft } from '@fairway/protocol';
import type { PersistentVolumeClaimSpec } from '@fairway/kinds/core/v1';

/**
 * The spec of a claim as messages of a kube-apiserver show it: the fields of the Go type that it
 * validates, by their names and in their order, with null for what is not given.
 */
export function claimSpecAsGo(spec: Draft<PersistentVolumeClaimSpec>): object {
  const { dataSource, dataSourceRef } = spec;
  return {
    AccessModes: spec.accessModes ?? null,
    Selector: spec.selector ?? null,
    Resources: {
      Limits: spec.resources?.limits ?? null,
      Requests: spec.resources?.requests ?? null,
    },
    VolumeName: spec.volumeName ?? '',
    StorageClassName: spec.storageClassName ?? null,
    VolumeMode: spec.volumeMode ?? null,
    DataSource: dataSource ? referenceAsGo(dataSource) : null,
    DataSourceRef: dataSourceRef
      ? { ...referenceAsGo(dataSourceRef), Namespace: dataSourceRef.namespace ?? null }
      : null,
    VolumeAttributesClassName: spec.volumeAttributesClassName ?? null,
  };
}

function referenceAsGo(reference: {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
}): object {
  const { apiGroup = null, kind = '', name = '' } = reference;
  return { APIGroup: apiGroup, Kind: kind, Name: name };
}
