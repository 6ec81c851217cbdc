import { type Draft, forbiddenField, invalidValue, required, unsupported } from '@fairway/protocol';
import type { PersistentVolumeSpec, SecretReference } from '@fairway/kinds/core/v1';

import { isNegativeAmount, isPositiveAmount } from './amounts.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectOptionalOneOf,
  expectPresent,
  type FieldErrors,
} from '../field-checks.ts';
import { expectAccessModes, expectClassName, volumeModes } from './validate-claim-spec.ts';
import { expectNoBacksteps } from './validate-file-paths.ts';
import { validateIscsi } from './validate-iscsi.ts';
import { validateNodeSelector } from './validate-scheduling.ts';
import { validateStorageSource } from './validate-volume-sources.ts';

type SpecDraft = Draft<PersistentVolumeSpec>;

export const volumeSourceNames = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[];

interface SpecPlace {
  readonly field: string;
  /** Of the volume, which some protocols put beside their own names. */
  readonly volumeName: string;
}

/** What is wrong with a persistent volume. Source: core validation, ValidatePersistentVolumeSpec. */
export function validateVolumeSpec(spec: SpecDraft, place: SpecPlace, errors: FieldErrors): void {
  const { field } = place;
  if (!spec.accessModes?.length) errors.push(required(`${field}.accessModes`));
  expectAccessModes(spec.accessModes ?? [], `${field}.accessModes`, errors);
  validateCapacity(spec, `${field}.capacity`, errors);
  const policy = `${field}.persistentVolumeReclaimPolicy`;
  const supported = ['Delete', 'Recycle', 'Retain'];
  expectOptionalOneOf(spec.persistentVolumeReclaimPolicy, { field: policy, supported }, errors);
  if (spec.nodeAffinity?.required) {
    validateNodeSelector(spec.nodeAffinity.required, `${field}.nodeAffinity.required`, errors);
  } else if (spec.nodeAffinity) {
    const text = 'must specify required node constraints';
    errors.push(required(`${field}.nodeAffinity.required`, text));
  }
  validateSources(spec, place, errors);
  const isRoot = /^\/+$/.test(spec.hostPath?.path ?? '');
  if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    errors.push(forbiddenField(policy, "may not be 'recycle' for a hostPath mount of '/'"));
  }
  expectClassName(spec.storageClassName, `${field}.storageClassName`, errors);
  const mode = { field: `${field}.volumeMode`, supported: volumeModes };
  expectOptionalOneOf(spec.volumeMode, mode, errors);
  validateAttributesClass(spec, field, errors);
}

const inlineText = 'in the context of inline volumes';

/**
 * What is wrong with a volume that stands in an attachment instead of having an object of its own: one of
 * a driver, without what binds volumes and claims.
 */
export function validateInlineVolumeSpec(
  spec: SpecDraft,
  field: string,
  errors: FieldErrors,
): void {
  const forbid = (name: keyof SpecDraft): void => {
    errors.push(forbiddenField(`${field}.${name}`, `may not be specified ${inlineText}`));
  };
  if (spec.claimRef) forbid('claimRef');
  if (Object.keys(spec.capacity ?? {}).length > 0) forbid('capacity');
  if (!spec.csi) errors.push(required(`${field}.csi`, `has to be specified ${inlineText}`));
  if (!spec.accessModes?.length) errors.push(required(`${field}.accessModes`));
  expectAccessModes(spec.accessModes ?? [], `${field}.accessModes`, errors);
  const policy = spec.persistentVolumeReclaimPolicy ?? '';
  if (policy !== '' && policy !== 'Retain') {
    const text = `may only be Retain ${inlineText}`;
    errors.push(forbiddenField(`${field}.persistentVolumeReclaimPolicy`, text));
  }
  if (spec.nodeAffinity) forbid('nodeAffinity');
  validateSources(spec, { field, volumeName: '' }, errors);
  if (spec.storageClassName) forbid('storageClassName');
  if (spec.volumeMode !== undefined && spec.volumeMode !== 'Filesystem') {
    const text = `may not specify volumeMode other than Filesystem ${inlineText}`;
    errors.push(forbiddenField(`${field}.volumeMode`, text));
  }
  validateAttributesClass(spec, field, errors);
}

function validateCapacity({ capacity = {} }: SpecDraft, field: string, errors: FieldErrors): void {
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(required(field));
  if (names.length > 1 || capacity['storage'] === undefined) {
    errors.push(unsupported(field, capacity, ['storage']));
  }
  for (const [name, amount] of Object.entries(capacity)) {
    expectBasicAmount(amount, `${field}[${name}]`, errors);
    if (isPositiveAmount(amount)) continue;
    errors.push(invalidValue(`${field}[${name}]`, String(amount), 'must be greater than zero'));
  }
}

/** Amounts of which nothing is known but that they are some. */
export function expectBasicAmount(amount: string, field: string, errors: FieldErrors): void {
  if (!isNegativeAmount(amount)) return;
  errors.push(invalidValue(field, amount, 'must be a valid resource quantity'));
}

function validateAttributesClass(spec: SpecDraft, field: string, errors: FieldErrors): void {
  const { volumeAttributesClassName: name } = spec;
  if (name === undefined) return;
  const path = `${field}.volumeAttributesClassName`;
  if (name === '') errors.push(required(path, 'an empty string is disallowed'));
  else expectClassName(name, path, errors);
  if (spec.csi) return;
  const text = 'has to be specified when using volumeAttributesClassName';
  errors.push(required(`${field}.csi`, text));
}

function validateSources(spec: SpecDraft, { field, volumeName }: SpecPlace, errors: FieldErrors) {
  let count = 0;
  for (const name of volumeSourceNames) {
    if (!spec[name]) continue;
    count += 1;
    const path = `${field}.${name}`;
    if (count > 1 && name !== 'flexVolume') {
      errors.push(forbiddenField(path, 'may not specify more than 1 volume type'));
      continue;
    }
    if (name === 'iscsi') validateIscsi(spec.iscsi ?? {}, { field: path }, errors);
    else validateStorageSource(spec, { name, field: path }, errors);
    validateClusterSource(spec, { name, field: path, volumeName }, errors);
    if (name === 'local') validateLocal(spec, field, errors);
  }
  if (count === 0) errors.push(required(field, 'must specify a volume type'));
}

function validateLocal(spec: SpecDraft, field: string, errors: FieldErrors): void {
  const path = spec.local?.path ?? '';
  if (path === '') errors.push(required(`${field}.local.path`));
  else expectNoBacksteps(path, `${field}.local.path`, errors);
  if (spec.nodeAffinity) return;
  errors.push(required(`${field}.nodeAffinity`, 'Local volume requires node affinity'));
}

/** What a source has only where its volume has no namespace. */
function validateClusterSource(
  spec: SpecDraft,
  { name, field, volumeName }: SpecPlace & { readonly name: (typeof volumeSourceNames)[number] },
  errors: FieldErrors,
): void {
  switch (name) {
    case 'glusterfs':
      validateEndpointsNamespace(spec.glusterfs?.endpointsNamespace, field, errors);
      break;
    case 'iscsi': {
      const { initiatorName, targetPortal = '', secretRef } = spec.iscsi ?? {};
      if (secretRef) expectPresent(secretRef, ['name'], { field: `${field}.secretRef` }, errors);
      if (initiatorName === undefined || `${volumeName}:${targetPortal}`.length <= 64) break;
      const text =
        'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
      errors.push(invalidValue(`${field}.targetportal`, targetPortal, text));
      break;
    }
    case 'cinder':
    case 'storageos': {
      const secretRef = spec[name]?.secretRef;
      if (!secretRef) break;
      expectPresent(secretRef, ['namespace'], { field: `${field}.secretRef` }, errors);
      break;
    }
    case 'azureFile':
      if (spec.azureFile?.secretNamespace === '') errors.push(required(`${field}.secretNamespace`));
      break;
    case 'csi':
      if (!spec.csi?.volumeHandle) errors.push(required(`${field}.volumeHandle`));
      for (const secret of driverSecrets) {
        const reference = spec.csi?.[secret];
        if (reference) validateSecretReference(reference, `${field}.${secret}`, errors);
      }
      break;
    default:
  }
}

const driverSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function validateSecretReference(
  { name, namespace }: Draft<SecretReference>,
  field: string,
  errors: FieldErrors,
): void {
  if (!name) errors.push(required(`${field}.name`));
  else expectDnsSubdomain(name, `${field}.name`, errors);
  if (!namespace) errors.push(required(`${field}.namespace`));
  else expectDnsLabel(namespace, `${field}.namespace`, errors);
}

function validateEndpointsNamespace(
  namespace: string | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (namespace === undefined) return;
  const path = `${field}.endpointsNamespace`;
  if (namespace !== '') return expectDnsLabel(namespace, path, errors);
  const text = 'if the endpointnamespace is set, it must be a valid namespace name';
  errors.push(invalidValue(path, namespace, text));
}
