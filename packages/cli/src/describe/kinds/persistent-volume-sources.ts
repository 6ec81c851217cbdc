import type { Shown } from '@fairway/kind-rules/shown';
import type { PersistentVolumeSpec } from '@fairway/kinds/core/v1';
import type { Lines } from '../lines.ts';
import {
  type Reference,
  azureFileType,
  csiType,
  glusterfsType,
  scaleIoEnd,
  scaleIoFacts,
  scaleIoType,
  sharedSources,
  sourcesWithSecret,
} from './shared-volume-sources.ts';
import { type PersistentSource, attributeLines, sourceLines } from './source-lines.ts';

/** What is behind a persistent volume; undefined when nobody knows. */
export function persistentSourceLines(spec: Shown<PersistentVolumeSpec>): Lines | undefined {
  for (const name of names) {
    const source = spec[name];
    if (source !== undefined) return persistentSources[name](source as never);
  }
  return undefined;
}

/** As Go prints what a reference points to. */
function secretReference(reference: Reference | undefined): string {
  if (reference === undefined) return 'nil';
  const { name = '', namespace = '' } = reference;
  return `&SecretReference{Name:${name},Namespace:${namespace},}`;
}

const persistentSources = {
  ...sharedSources,
  ...sourcesWithSecret(secretReference),
  glusterfs: (volume: PersistentSource<'glusterfs'>) =>
    sourceLines(glusterfsType, [
      ['EndpointsName', volume.endpoints],
      ['EndpointsNamespace', volume.endpointsNamespace, '<unset>'],
      ['Path', volume.path],
      ['ReadOnly', volume.readOnly, false],
    ]),
  scaleIO: (volume: PersistentSource<'scaleIO'>) =>
    sourceLines(scaleIoType, [
      ...scaleIoFacts(volume),
      ['SecretName', volume.secretRef?.name],
      ['SecretNamespace', volume.secretRef?.namespace],
      ...scaleIoEnd(volume),
    ]),
  local: ({ path }: PersistentSource<'local'>) =>
    sourceLines('LocalVolume (a persistent volume backed by local storage on a node)', [
      ['Path', path],
    ]),
  azureFile: (file: PersistentSource<'azureFile'>) =>
    sourceLines(azureFileType, [
      ['SecretName', file.secretName],
      ['SecretNamespace', file.secretNamespace],
      ['ShareName', file.shareName],
      ['ReadOnly', file.readOnly, false],
    ]),
  csi: (csi: PersistentSource<'csi'>) => [
    ...sourceLines(csiType, [
      ['Driver', csi.driver],
      ['FSType', csi.fsType],
      ['VolumeHandle', csi.volumeHandle],
      ['ReadOnly', csi.readOnly, false],
    ]),
    ...attributeLines(csi.volumeAttributes),
  ],
};

const names = Object.keys(persistentSources) as (keyof typeof persistentSources)[];
