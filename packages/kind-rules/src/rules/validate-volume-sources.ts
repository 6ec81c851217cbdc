import {
  checkDnsSubdomain,
  type Draft,
  invalidValue,
  required,
  tooLong,
  unsupported,
} from '@fairway/protocol';
import type { PersistentVolumeSpec, Volume } from '@fairway/kinds/core/v1';

import {
  expectDnsLabel,
  expectOptionalOneOf,
  expectPresent,
  type FieldErrors,
} from '../field-checks.ts';
import { expectDescendingPath, expectNoBacksteps } from './validate-file-paths.ts';
import { expectLun, validateIscsi } from './validate-iscsi.ts';

type Holder = Draft<Volume> & Draft<PersistentVolumeSpec>;

/** What is wrong with one source at its field. */
type SourceCheck<T> = (source: NonNullable<T>, field: string, errors: FieldErrors) => void;

/**
 * What is wrong with a source of storage, in a pod or in a persistent volume. Some fields are of one of
 * the two only: a secret has a namespace where the volume has none.
 * Source: core validation, validateVolumeSource and ValidatePersistentVolumeSpec.
 */
export function validateStorageSource(
  holder: Draft<Volume> | Draft<PersistentVolumeSpec>,
  { name, field }: { readonly name: string; readonly field: string },
  errors: FieldErrors,
): void {
  if (!isStorageSource(name)) return;
  const source = (holder as Holder)[name];
  // What the check takes and what the field holds are the same type, which a union cannot say.
  if (source) (sourceChecks[name] as SourceCheck<unknown>)(source, field, errors);
}

function isStorageSource(name: string): name is keyof typeof sourceChecks {
  return Object.hasOwn(sourceChecks, name);
}

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

const sourceChecks = {
  hostPath: (hostPath, field, errors) => {
    if (!hostPath.path) {
      errors.push(required(`${field}.path`));
      return;
    }
    expectNoBacksteps(hostPath.path, `${field}.path`, errors);
    const types = { field: `${field}.type`, supported: hostPathTypes };
    expectOptionalOneOf(hostPath.type, types, errors);
  },
  gitRepo: (repository, field, errors) => {
    expectPresent(repository, ['repository'], { field }, errors);
    expectDescendingPath(repository.directory ?? '', `${field}.directory`, errors);
  },
  gcePersistentDisk: (disk, field, errors) => {
    // Named as it was before there was a version 1.
    const path = field.replace(/gcePersistentDisk$/, 'persistentDisk');
    expectPresent(disk, ['pdName'], { field: path }, errors);
    expectPartition(disk.partition, path, errors);
  },
  awsElasticBlockStore: (disk, field, errors) => {
    expectPresent(disk, ['volumeID'], { field }, errors);
    expectPartition(disk.partition, field, errors);
  },
  nfs: (nfs, field, errors) => {
    expectPresent(nfs, ['server', 'path'], { field }, errors);
    if (!nfs.path?.startsWith('/')) {
      errors.push(invalidValue(`${field}.path`, nfs.path ?? '', 'must be an absolute path'));
    }
  },
  iscsi: (iscsi, field, errors) => {
    validateIscsi(
      iscsi,
      { field, formText: 'must be valid format starting with iqn, eui, or naa' },
      errors,
    );
  },
  fc: (channel, field, errors) => {
    const targets = channel.targetWWNs ?? [];
    const ids = channel.wwids ?? [];
    const path = `${field}.targetWWNs`;
    if (targets.length === 0 && ids.length === 0) {
      errors.push(required(path, 'must specify either targetWWNs or wwids, but not both'));
    }
    if (targets.length > 0 && ids.length > 0) {
      const text = 'targetWWNs and wwids can not be specified simultaneously';
      errors.push(invalidValue(path, targets, text));
    }
    if (targets.length === 0) return;
    if (channel.lun !== undefined) expectLun(channel.lun, `${field}.lun`, errors);
    else errors.push(required(`${field}.lun`, 'lun is required if targetWWNs is specified'));
  },
  glusterfs: (source, field, errors) =>
    expectPresent(source, ['endpoints', 'path'], { field }, errors),
  flocker: ({ datasetName = '', datasetUUID = '' }, field, errors) => {
    if (datasetName === '' && datasetUUID === '') {
      errors.push(required(field, 'one of datasetName and datasetUUID is required'));
    }
    if (datasetName !== '' && datasetUUID !== '') {
      const text = 'datasetName and datasetUUID can not be specified simultaneously';
      errors.push(invalidValue(field, 'resource', text));
    }
    if (datasetName.includes('/')) {
      errors.push(invalidValue(`${field}.datasetName`, datasetName, "must not contain '/'"));
    }
  },
  rbd: (source, field, errors) => expectPresent(source, ['monitors', 'image'], { field }, errors),
  cinder: (disk, field, errors) => {
    expectPresent(disk, ['volumeID'], { field }, errors);
    if (disk.secretRef) {
      expectPresent(disk.secretRef, ['name'], { field: `${field}.secretRef` }, errors);
    }
  },
  cephfs: (source, field, errors) => expectPresent(source, ['monitors'], { field }, errors),
  quobyte: ({ registry = '', tenant = '', volume }, field, errors) => {
    const text = 'must be a host:port pair or multiple pairs separated by commas';
    if (registry === '') errors.push(required(`${field}.registry`, text));
    else if (tenant.length > 64) {
      const why = 'must be a UUID and may not exceed a length of 64 characters';
      errors.push(required(`${field}.tenant`, why));
    } else {
      for (const pair of registry.split(',')) {
        if (/^([^:[\]]*|\[[^[\]]*\]):[^:]*$/.test(pair)) continue;
        errors.push(invalidValue(`${field}.registry`, registry, text));
      }
    }
    if (!volume) errors.push(required(`${field}.volume`));
  },
  flexVolume: (source, field, errors) => {
    expectPresent(source, ['driver'], { field }, errors);
    for (const key of Object.keys(source.options ?? {})) {
      const domain = `.${key.split('/')[0]}`.toLowerCase();
      if (!domain.endsWith('.kubernetes.io') && !domain.endsWith('.k8s.io')) continue;
      const text = 'kubernetes.io and k8s.io namespaces are reserved';
      errors.push(invalidValue(`${field}.options[${key}]`, key, text));
    }
  },
  azureFile: (source, field, errors) =>
    expectPresent(source, ['secretName', 'shareName'], { field }, errors),
  azureDisk: (disk, field, errors) => {
    expectPresent(disk, ['diskName', 'diskURI'], { field }, errors);
    const caching = ['None', 'ReadOnly', 'ReadWrite'];
    const modes = { field: `${field}.cachingMode`, supported: caching };
    expectOptionalOneOf(disk.cachingMode, modes, errors);
    const kinds = { field: `${field}.kind`, supported: ['Dedicated', 'Managed', 'Shared'] };
    expectOptionalOneOf(disk.kind, kinds, errors);
    if (disk.kind === undefined) return;
    const [prefix, form] = disk.kind === 'Managed' ? managedDisk : blobDisk;
    if (disk.diskURI?.startsWith(prefix)) return;
    errors.push(unsupported(`${field}.diskURI`, disk.diskURI ?? '', [form]));
  },
  vsphereVolume: (source, field, errors) =>
    expectPresent(source, ['volumePath'], { field }, errors),
  photonPersistentDisk: (source, field, errors) =>
    expectPresent(source, ['pdID'], { field }, errors),
  portworxVolume: (source, field, errors) => expectPresent(source, ['volumeID'], { field }, errors),
  storageos: (source, field, errors) => {
    const { volumeName, volumeNamespace, secretRef } = source;
    if (!volumeName) errors.push(required(`${field}.volumeName`));
    else expectDnsLabel(volumeName, `${field}.volumeName`, errors);
    if (volumeNamespace) expectDnsLabel(volumeNamespace, `${field}.volumeNamespace`, errors);
    if (secretRef) expectPresent(secretRef, ['name'], { field: `${field}.secretRef` }, errors);
  },
  scaleIO: (source, field, errors) =>
    expectPresent(source, ['gateway', 'system', 'volumeName'], { field }, errors),
  csi: (source, field, errors) => expectDriverName(source.driver ?? '', `${field}.driver`, errors),
} as const satisfies { readonly [name in keyof Holder]?: SourceCheck<Holder[name]> };

const managedDisk = [
  '/subscriptions/',
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
] as const;
const blobDisk = [
  'https://',
  'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd',
] as const;

const driverNameMax = 63;

/** The name of a CSI driver, which may have capitals. Source: core validation, ValidateCSIDriverName. */
export function expectDriverName(name: string, field: string, errors: FieldErrors): void {
  if (name === '') errors.push(required(field));
  if (name.length > driverNameMax) errors.push(tooLong(field, driverNameMax));
  const wrong = checkDnsSubdomain(name.toLowerCase());
  if (wrong !== undefined) errors.push(invalidValue(field, name, wrong));
}

function expectPartition(partition: number | undefined, field: string, errors: FieldErrors): void {
  if (partition === undefined || (partition >= 0 && partition <= 255)) return;
  const text = 'must be between 1 and 255, inclusive';
  errors.push(invalidValue(`${field}.partition`, partition, text));
}
