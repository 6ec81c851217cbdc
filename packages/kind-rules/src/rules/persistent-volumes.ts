import {
  annotationsOf,
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
  equalsJson,
} from '@fairway/protocol';
import type { PersistentVolume, PersistentVolumeSpec } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { isPositiveAmount } from './amounts.ts';
import { expectImmutable, expectOptionalOneOf, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { expectAccessModes, expectClassName, volumeModes } from './validate-claim-spec.ts';
import { validateNodeSelector } from './validate-scheduling.ts';
import { validateStorageSource } from './validate-volume-sources.ts';
import { applyStorageSourceDefaults } from './volume-defaults.ts';

type VolumeDraft = ObjectDraft<PersistentVolume>;

const status = statusRules<VolumeDraft>(() => ({ phase: 'Pending' }));

/** Source: v1 PersistentVolume; core validation, ValidatePersistentVolume. */
export const persistentVolumeRules: KindRules<VolumeDraft> = {
  checkName: checkDnsSubdomain,
  deletion: { answersObject: true },
  applyDefaults: (volume) => {
    volume.spec ??= {};
    volume.status ??= {};
    volume.status.phase ??= 'Pending';
    volume.spec.persistentVolumeReclaimPolicy ??= 'Retain';
    volume.spec.volumeMode ??= 'Filesystem';
    applyStorageSourceDefaults(volume.spec);
  },
  ...status,
  prepareForCreate: (volume) => {
    volume.status = { phase: 'Pending' };
    const time = volume.metadata?.creationTimestamp;
    if (time !== undefined) volume.status.lastPhaseTransitionTime = time;
  },
  validate,
  validateUpdate,
};

const sourceNames = [
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

function validate(volume: VolumeDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = volume.spec ?? {};
  if (!spec.accessModes?.length) errors.push(required('spec.accessModes'));
  expectAccessModes(spec.accessModes ?? [], 'spec.accessModes', errors);
  validateCapacity(spec, errors);
  const policies = ['Delete', 'Recycle', 'Retain'];
  expectOptionalOneOf(
    spec.persistentVolumeReclaimPolicy,
    { field: 'spec.persistentVolumeReclaimPolicy', supported: policies },
    errors,
  );
  if (spec.nodeAffinity?.required) {
    validateNodeSelector(spec.nodeAffinity.required, 'spec.nodeAffinity.required', errors);
  } else if (spec.nodeAffinity) {
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  validateSources(spec, errors);
  const isRoot = /^\/+$/.test(spec.hostPath?.path ?? '');
  if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const text = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbiddenField('spec.persistentVolumeReclaimPolicy', text));
  }
  expectClassName(spec.storageClassName, 'spec.storageClassName', errors);
  expectMountable(volume, errors);
  const mode = { field: 'spec.volumeMode', supported: volumeModes };
  expectOptionalOneOf(spec.volumeMode, mode, errors);
  return errors;
}

const mountOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options';
const takesMountOptions = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'csi',
] as const;

/** The old way to give mount options works for some types only. */
function expectMountable(volume: VolumeDraft, errors: FieldErrors): void {
  if (annotationsOf(volume)[mountOptionsAnnotation] === undefined) return;
  if (takesMountOptions.some((name) => volume.spec?.[name])) return;
  const text = 'may not specify mount options for this volume type';
  errors.push(forbiddenField(`metadata.annotations.${mountOptionsAnnotation}`, text));
}

function validateCapacity(spec: Draft<PersistentVolumeSpec>, errors: FieldErrors): void {
  const capacity = spec.capacity ?? {};
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(required('spec.capacity'));
  if (names.length > 1 || capacity['storage'] === undefined) {
    errors.push(unsupported('spec.capacity', capacity, ['storage']));
  }
  for (const [name, amount] of Object.entries(capacity)) {
    if (!isPositiveAmount(amount)) {
      const text = 'must be greater than zero';
      errors.push(invalidValue(`spec.capacity[${name}]`, String(amount), text));
    }
  }
}

function validateSources(spec: Draft<PersistentVolumeSpec>, errors: FieldErrors): void {
  let count = 0;
  for (const name of sourceNames) {
    if (!spec[name]) continue;
    count += 1;
    const field = `spec.${name}`;
    if (count > 1) {
      errors.push(forbiddenField(field, 'may not specify more than 1 volume type'));
      continue;
    }
    validateStorageSource(spec, { name, field }, errors);
    if (name === 'csi' && !spec.csi?.volumeHandle) errors.push(required(`${field}.volumeHandle`));
    if (name === 'local') {
      if (!spec.local?.path) errors.push(required(`${field}.path`));
      if (!spec.nodeAffinity?.required?.nodeSelectorTerms?.length) {
        errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
      }
    }
  }
  if (count === 0) errors.push(required('spec', 'must specify a volume type'));
}

function validateUpdate(volume: VolumeDraft, stored: VolumeDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = volume.spec ?? {};
  const old = stored.spec ?? {};
  if (sourceNames.some((name) => !equalsJson(spec[name], old[name]))) {
    const text = 'spec.persistentvolumesource is immutable after creation';
    errors.push(forbiddenField('spec.persistentvolumesource', text));
  }
  expectImmutable({ value: spec.volumeMode, stored: old.volumeMode, field: 'volumeMode' }, errors);
  if (old.nodeAffinity) {
    const value = { value: spec.nodeAffinity, stored: old.nodeAffinity };
    expectImmutable({ ...value, field: 'nodeAffinity' }, errors);
  }
  return errors;
}
