import {
  annotationsOf,
  checkDnsSubdomain,
  type Draft,
  equalsJson,
  type FieldError,
  forbiddenField,
  type JsonValue,
  type ObjectDraft,
} from '@fairway/protocol';
import type { PersistentVolume, PersistentVolumeSpec } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { validateVolumeSpec, volumeSourceNames } from './validate-volume-spec.ts';
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

function validate(volume: VolumeDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const volumeName = volume.metadata?.name ?? '';
  validateVolumeSpec(volume.spec ?? {}, { field: 'spec', volumeName }, errors);
  expectMountable(volume, errors);
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

function validateUpdate(volume: VolumeDraft, stored: VolumeDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = volume.spec ?? {};
  const old = stored.spec ?? {};
  if (volumeSourceNames.some((name) => !equalsJson(sourceOf(name, spec, old), old[name]))) {
    const text = 'spec.persistentvolumesource is immutable after creation';
    errors.push(forbiddenField('spec.persistentvolumesource', text));
  }
  expectImmutable({ value: spec.volumeMode, stored: old.volumeMode, field: 'volumeMode' }, errors);
  if (old.nodeAffinity && !isSameAffinity(spec.nodeAffinity, old.nodeAffinity)) {
    const value = { value: spec.nodeAffinity, stored: old.nodeAffinity };
    expectImmutable({ ...value, field: 'nodeAffinity' }, errors);
  }
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    const text = 'update from non-nil value to nil is forbidden';
    errors.push(forbiddenField('spec.volumeAttributesClassName', text));
  }
  return errors;
}

/** The secret by which a driver makes volumes larger may be given later. */
function sourceOf(
  name: (typeof volumeSourceNames)[number],
  spec: Draft<PersistentVolumeSpec>,
  old: Draft<PersistentVolumeSpec>,
): JsonValue | undefined {
  if (name !== 'csi' || !spec.csi || !old.csi || old.csi.controllerExpandSecretRef) {
    return spec[name] as JsonValue | undefined;
  }
  const { controllerExpandSecretRef: _, ...kept } = spec.csi;
  return kept as JsonValue;
}

/** Labels of nodes that have got another name. */
const renamedLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

type Affinity = Draft<PersistentVolumeSpec>['nodeAffinity'];

/** A node may be found by the new name of a label instead of the old one. */
function isSameAffinity(affinity: Affinity, old: Affinity): boolean {
  const terms = affinity?.required?.nodeSelectorTerms ?? [];
  const renamed = old?.required?.nodeSelectorTerms?.map((term, index) => ({
    ...term,
    matchExpressions: term.matchExpressions?.map((each, at) => {
      const key = terms[index]?.matchExpressions?.[at]?.key ?? '';
      return renamedLabels[each.key ?? ''] === key ? { ...each, key } : each;
    }),
  }));
  return equalsJson(terms, renamed ?? []);
}
