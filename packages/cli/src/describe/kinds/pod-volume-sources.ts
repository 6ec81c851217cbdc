import { type Shown, formatAmount } from '@fairway/kind-rules/shown';
import type {
  DownwardAPIVolumeSource,
  ProjectedVolumeSource,
  Volume,
} from '@fairway/kinds/core/v1';
import { parseQuantity } from '@fairway/protocol';
import { type Lines, field, indented, lines } from '../lines.ts';
import { ephemeralClaimLines } from './claim-lines.ts';
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
import { type PodSource, attributeLines, sourceLines } from './source-lines.ts';

/** What is behind a volume of a pod; undefined when nobody knows. */
export function podSourceLines(volume: Shown<Volume>): Lines | undefined {
  for (const name of names) {
    const source = volume[name];
    if (source !== undefined) return podSources[name](source as never);
  }
  return undefined;
}

/** As Go prints what a reference points to. */
function localReference(reference: Reference | undefined): string {
  return reference === undefined ? 'nil' : `&LocalObjectReference{Name:${reference.name ?? ''},}`;
}

const podSources = {
  ...sharedSources,
  ...sourcesWithSecret(localReference),
  emptyDir: ({ medium, sizeLimit }: PodSource<'emptyDir'>) =>
    sourceLines("EmptyDir (a temporary directory that shares a pod's lifetime)", [
      ['Medium', medium],
      ['SizeLimit', sizeText(sizeLimit)],
    ]),
  gitRepo: ({ repository, revision }: PodSource<'gitRepo'>) =>
    sourceLines('GitRepo (a volume that is pulled from git when the pod is created)', [
      ['Repository', repository],
      ['Revision', revision],
    ]),
  secret: ({ secretName, optional }: PodSource<'secret'>) =>
    sourceLines('Secret (a volume populated by a Secret)', [
      ['SecretName', secretName],
      ['Optional', optional, false],
    ]),
  configMap: ({ name, optional }: PodSource<'configMap'>) =>
    sourceLines('ConfigMap (a volume populated by a ConfigMap)', [
      ['Name', name],
      ['Optional', optional, false],
    ]),
  glusterfs: ({ endpoints, path, readOnly }: PodSource<'glusterfs'>) =>
    sourceLines(glusterfsType, [
      ['EndpointsName', endpoints],
      ['Path', path],
      ['ReadOnly', readOnly, false],
    ]),
  persistentVolumeClaim: ({ claimName, readOnly }: PodSource<'persistentVolumeClaim'>) =>
    sourceLines(
      'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      [
        ['ClaimName', claimName],
        ['ReadOnly', readOnly, false],
      ],
    ),
  ephemeral: ({ volumeClaimTemplate }: PodSource<'ephemeral'>) =>
    lines(
      sourceLines(
        'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
        [],
      ),
      volumeClaimTemplate && ephemeralClaimLines(volumeClaimTemplate),
    ),
  downwardAPI: ({ items = [] }: Shown<DownwardAPIVolumeSource>) => [
    ...sourceLines('DownwardAPI (a volume populated by information about the pod)', []),
    'Items:',
    ...indented(
      items.map(({ fieldRef, resourceFieldRef, path }) => {
        return `${fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? ''} -> ${path ?? ''}`;
      }),
    ),
  ],
  scaleIO: (volume: PodSource<'scaleIO'>) =>
    sourceLines(scaleIoType, [...scaleIoFacts(volume), ...scaleIoEnd(volume)]),
  azureFile: ({ secretName, shareName, readOnly }: PodSource<'azureFile'>) =>
    sourceLines(azureFileType, [
      ['SecretName', secretName],
      ['ShareName', shareName],
      ['ReadOnly', readOnly, false],
    ]),
  projected: ({ sources = [] }: Shown<ProjectedVolumeSource>) => [
    ...sourceLines('Projected (a volume that contains injected data from multiple sources)', []),
    ...sources.flatMap(projectedLines),
  ],
  csi: ({ driver, fsType, readOnly, volumeAttributes }: PodSource<'csi'>) => [
    ...sourceLines(csiType, [
      ['Driver', driver],
      ['FSType', fsType],
      ['ReadOnly', readOnly, false],
    ]),
    ...attributeLines(volumeAttributes),
  ],
  image: ({ reference, pullPolicy }: PodSource<'image'>) =>
    sourceLines('Image (a container image or OCI artifact)', [
      ['Reference', reference],
      ['PullPolicy', pullPolicy],
    ]),
};

const names = Object.keys(podSources) as (keyof typeof podSources)[];

type ProjectedSource = NonNullable<Shown<ProjectedVolumeSource>['sources']>[number];

function projectedLines(source: ProjectedSource): Lines {
  const { secret, downwardAPI, configMap, serviceAccountToken } = source;
  if (secret !== undefined) {
    return [field('SecretName', secret.name ?? ''), field('Optional', secret.optional ?? false)];
  }
  if (downwardAPI !== undefined) return [field('DownwardAPI', true)];
  if (configMap !== undefined) {
    const { name = '', optional = false } = configMap;
    return [field('ConfigMapName', name), field('Optional', optional)];
  }
  if (serviceAccountToken === undefined) return [];
  return [field('TokenExpirationSeconds', serviceAccountToken.expirationSeconds ?? 0)];
}

function sizeText(size: string | number | undefined): string {
  const amount = size === undefined ? undefined : parseQuantity(String(size));
  return amount === undefined || amount.nanos <= 0n ? '<unset>' : formatAmount(String(size));
}
