import { checkDnsSubdomain, type Draft, invalidValue, required } from '@fairway/protocol';
import type { DownwardAPIVolumeFile, PersistentVolumeSpec, Volume } from '@fairway/kinds/core/v1';

import { expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';
import { validateFieldRef, validateResourceFieldRef } from './validate-environment.ts';

/** What must be given in each source that pods and persistent volumes share. */
const requiredFields: Readonly<Record<string, readonly string[]>> = {
  gitRepo: ['repository'],
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  nfs: ['server', 'path'],
  iscsi: ['targetPortal', 'iqn'],
  glusterfs: ['endpoints', 'path'],
  rbd: ['monitors', 'image'],
  cinder: ['volumeID'],
  cephfs: ['monitors'],
  quobyte: ['registry', 'volume'],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  storageos: ['volumeName'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  csi: ['driver'],
};

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/**
 * What is wrong with a source of storage, in a pod or in a persistent volume.
 * Source: core validation, validateVolumeSource and ValidatePersistentVolumeSpec.
 */
export function validateStorageSource(
  holder: Draft<Volume> | Draft<PersistentVolumeSpec>,
  { name, field }: { readonly name: string; readonly field: string },
  errors: FieldErrors,
): void {
  const source = (
    holder as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
  )[name];
  if (!source) return;
  if (name === 'hostPath') {
    validateHostPath(holder.hostPath ?? {}, field, errors);
    return;
  }
  for (const key of requiredFields[name] ?? []) {
    const value = source[key];
    if (!value || (Array.isArray(value) && value.length === 0)) {
      errors.push(required(`${field}.${key}`));
    }
  }
  if (name === 'nfs' && !holder.nfs?.path?.startsWith('/')) {
    errors.push(invalidValue(`${field}.path`, holder.nfs?.path ?? '', 'must be an absolute path'));
  }
  if (name === 'csi' && holder.csi?.driver) {
    const wrong = checkDnsSubdomain(holder.csi.driver.toLowerCase());
    if (wrong !== undefined) {
      errors.push(invalidValue(`${field}.driver`, holder.csi.driver, wrong));
    }
  }
  if (name === 'iscsi' || name === 'fc') validateLun(source['lun'], `${field}.lun`, errors);
}

function validateHostPath(
  hostPath: { readonly path?: string; readonly type?: string },
  field: string,
  errors: FieldErrors,
): void {
  if (!hostPath.path) {
    errors.push(required(`${field}.path`));
    return;
  }
  expectNoBacksteps(hostPath.path, `${field}.path`, errors);
  expectOptionalOneOf(hostPath.type, { field: `${field}.type`, supported: hostPathTypes }, errors);
}

function validateLun(lun: unknown, field: string, errors: FieldErrors): void {
  if (typeof lun === 'number' && (lun < 0 || lun > 255)) {
    errors.push(invalidValue(field, lun, 'must be between 0 and 255, inclusive'));
  }
}

const volumeFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** What is wrong with files that hold fields of the pod. */
export function validateDownwardFiles(
  files: readonly Draft<DownwardAPIVolumeFile>[],
  field: string,
  errors: FieldErrors,
): void {
  for (const file of files) {
    if (!file.path) errors.push(required(`${field}.path`));
    expectLocalPath(file.path ?? '', `${field}.path`, errors);
    if (file.fieldRef) {
      const place = { field: `${field}.fieldRef`, supported: volumeFields };
      validateFieldRef(file.fieldRef, place, errors);
      if (file.resourceFieldRef) {
        const text = 'fieldRef and resourceFieldRef can not be specified simultaneously';
        errors.push(invalidValue(field, 'resource', text));
      }
    } else if (file.resourceFieldRef) {
      const place = { field: `${field}.resourceFieldRef`, isContainerNamed: true };
      validateResourceFieldRef(file.resourceFieldRef, place, errors);
    } else {
      errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
    }
    expectFileMode(file.mode, `${field}.mode`, errors);
  }
}

export function expectFileMode(mode: number | undefined, field: string, errors: FieldErrors): void {
  if (mode !== undefined && mode !== null && (mode < 0 || mode > 0o777)) {
    const text = 'must be a number between 0 and 0777 (octal), both inclusive';
    errors.push(invalidValue(field, mode, text));
  }
}

/** A relative path that stays below where it starts. */
export function expectDescendingPath(path: string, field: string, errors: FieldErrors): void {
  if (path.startsWith('/')) errors.push(invalidValue(field, path, 'must be a relative path'));
  expectNoBacksteps(path, field, errors);
}

/** A relative path that stays below and does not look like the kubelet's own files. */
export function expectLocalPath(path: string, field: string, errors: FieldErrors): void {
  expectDescendingPath(path, field, errors);
  if (path.startsWith('..') && path !== '..' && !path.startsWith('../')) {
    errors.push(invalidValue(field, path, "must not start with '..'"));
  }
}

export function expectNoBacksteps(path: string, field: string, errors: FieldErrors): void {
  if (path.includes('..') && path.split('/').includes('..')) {
    errors.push(invalidValue(field, path, "must not contain '..'"));
  }
}
