import {
  checkDnsSubdomain,
  type Draft,
  duplicate,
  forbiddenField,
  invalidValue,
  required,
} from '@fairway/protocol';
import type { Volume } from '@fairway/kinds/core/v1';

import { isNegativeAmount } from './amounts.ts';
import { expectDnsLabel, expectDnsSubdomain, type FieldErrors } from '../field-checks.ts';
import { validateClaimSpec } from './validate-claim-spec.ts';
import { validateKeyPaths } from './validate-key-paths.ts';
import { validateProjectedVolume } from './validate-projected-volume.ts';
import { validateDownwardFiles } from './validate-downward-files.ts';
import { expectFileMode } from './validate-file-paths.ts';
import { validateStorageSource } from './validate-volume-sources.ts';

/** The volumes of a pod that are fine, by name. */
export type VolumesByName = ReadonlyMap<string, Draft<Volume>>;

/**
 * What is wrong with the volumes of a pod; answers those that containers may mount.
 * Source: core validation, ValidateVolumes.
 */
export function validateVolumes(
  volumes: readonly Draft<Volume>[],
  { field, podName }: { readonly field: string; readonly podName: string | undefined },
  errors: FieldErrors,
): VolumesByName {
  const byName = new Map<string, Draft<Volume>>();
  const ownClaims = new Set(
    volumes.flatMap(({ ephemeral, name }) => (ephemeral ? [`${podName}-${name}`] : [])),
  );
  volumes.forEach((volume, index) => {
    const path = `${field}[${index}]`;
    const name = volume.name ?? '';
    const before = errors.length;
    validateSource(volume, { field: path, podName }, errors);
    if (name === '') errors.push(required(`${path}.name`));
    else expectDnsLabel(name, `${path}.name`, errors);
    if (byName.has(name)) errors.push(duplicate(`${path}.name`, name));
    if (errors.length === before) byName.set(name, volume);
    if (podName) expectForeignClaim(volume, { ownClaims, path }, errors);
  });
  return byName;
}

/** A claim that an ephemeral volume of the same pod makes may not be mounted by name. */
function expectForeignClaim(
  volume: Draft<Volume>,
  place: { readonly ownClaims: ReadonlySet<string>; readonly path: string },
  errors: FieldErrors,
): void {
  const claimName = volume.persistentVolumeClaim?.claimName;
  if (claimName && place.ownClaims.has(claimName)) {
    errors.push(
      invalidValue(
        `${place.path}.persistentVolumeClaim.claimName`,
        claimName,
        'must not reference a PVC that gets created for an ephemeral volume',
      ),
    );
  }
}

/** In the order in which the API looks at them: the first one given counts. */
const sourceNames = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const satisfies readonly (keyof Volume)[];

interface VolumePlace {
  readonly field: string;
  readonly podName: string | undefined;
}

function validateSource(volume: Draft<Volume>, place: VolumePlace, errors: FieldErrors): void {
  let count = 0;
  for (const name of sourceNames) {
    if (!volume[name]) continue;
    count += 1;
    if (count > 1) {
      errors.push(
        forbiddenField(`${place.field}.${name}`, 'may not specify more than 1 volume type'),
      );
    } else {
      validateOneSource(name, { volume, ...place }, errors);
    }
  }
  if (count === 0) errors.push(required(place.field, 'must specify a volume type'));
}

function validateOneSource(
  name: (typeof sourceNames)[number],
  { volume, field, podName }: VolumePlace & { readonly volume: Draft<Volume> },
  errors: FieldErrors,
): void {
  const path = `${field}.${name}`;
  switch (name) {
    case 'emptyDir':
      if (volume.emptyDir?.sizeLimit !== undefined && isNegativeAmount(volume.emptyDir.sizeLimit)) {
        errors.push(
          forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'),
        );
      }
      break;
    case 'secret':
      if (!volume.secret?.secretName) errors.push(required(`${path}.secretName`));
      expectFileMode(volume.secret?.defaultMode, `${path}.defaultMode`, errors);
      validateKeyPaths(volume.secret?.items ?? [], `${path}.items`, errors);
      break;
    case 'configMap':
      if (!volume.configMap?.name) errors.push(required(`${path}.name`));
      expectFileMode(volume.configMap?.defaultMode, `${path}.defaultMode`, errors);
      validateKeyPaths(volume.configMap?.items ?? [], `${path}.items`, errors);
      break;
    case 'downwardAPI':
      expectFileMode(volume.downwardAPI?.defaultMode, `${path}.defaultMode`, errors);
      validateDownwardFiles(volume.downwardAPI?.items ?? [], path, errors);
      break;
    case 'projected':
      validateProjectedVolume(volume.projected ?? {}, path, errors);
      break;
    case 'persistentVolumeClaim':
      if (!volume.persistentVolumeClaim?.claimName) errors.push(required(`${path}.claimName`));
      break;
    case 'ephemeral':
      validateEphemeral(volume, { field, podName }, errors);
      break;
    case 'image':
      if (!volume.image?.reference) errors.push(required(`${path}.reference`));
      break;
    case 'csi':
      validateStorageSource(volume, { name, field: path }, errors);
      validateDriverSecret(volume.csi?.nodePublishSecretRef, path, errors);
      break;
    default:
      validateStorageSource(volume, { name, field: path }, errors);
  }
}

function validateDriverSecret(
  secret: { readonly name?: string } | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!secret) return;
  if (!secret.name) errors.push(required(`${field}.nodePublishSecretRef.name`));
  else expectDnsSubdomain(secret.name, `${field}.name`, errors);
}

function validateEphemeral(volume: Draft<Volume>, place: VolumePlace, errors: FieldErrors): void {
  const field = `${place.field}.ephemeral.volumeClaimTemplate`;
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (!template) {
    errors.push(required(field));
    return;
  }
  for (const key of Object.keys(template.metadata ?? {})) {
    if (key !== 'labels' && key !== 'annotations') {
      errors.push(forbiddenField(`${field}.metadata.${key}`, 'cannot be set'));
    }
  }
  validateClaimSpec(template.spec ?? {}, { field: `${field}.spec` }, errors);
  if (!place.podName || !volume.name) return;
  const claimName = `${place.podName}-${volume.name}`;
  const wrong = checkDnsSubdomain(claimName);
  if (wrong !== undefined) {
    errors.push(
      invalidValue(
        `${place.field}.name`,
        volume.name,
        `PVC name ${JSON.stringify(claimName)}: ${wrong}`,
      ),
    );
  }
}
