import {
  annotationsOf,
  checkDnsSubdomain,
  type Draft,
  equalsJson,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  unsupported,
} from '@fairway/protocol';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { compareAmounts } from './amounts.ts';
import {
  expectImmutable,
  expectQualifiedName,
  FieldErrors,
  immutableText,
} from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { claimSpecAsGo } from './claim-spec-as-go.ts';
import { differenceOf } from '../difference-of.ts';
import { validateClaimSpec } from './validate-claim-spec.ts';
import { expectBasicAmount } from './validate-volume-spec.ts';

type ClaimDraft = ObjectDraft<PersistentVolumeClaim>;

/**
 * `dataSource` and `dataSourceRef` are copied to each other when one is missing.
 * Source: v1 PersistentVolumeClaim; core validation, ValidatePersistentVolumeClaim; KEP-1495 for
 * data sources.
 */
export const persistentVolumeClaimRules: KindRules<ClaimDraft> = {
  checkName: checkDnsSubdomain,
  deletion: { answersObject: true },
  applyDefaults: (claim) => {
    claim.spec ??= {};
    claim.status ??= {};
    claim.status.phase ??= 'Pending';
    claim.spec.volumeMode ??= 'Filesystem';
    const { dataSource, dataSourceRef } = claim.spec;
    if (dataSource && !dataSourceRef) claim.spec.dataSourceRef = { ...dataSource };
    else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
      const { namespace: _namespace, ...local } = dataSourceRef;
      claim.spec.dataSource = local;
    }
  },
  ...statusRules<ClaimDraft>(() => ({ phase: 'Pending' })),
  validate: (claim, stored) => {
    const errors = new FieldErrors();
    validateClaimSpec(claim.spec ?? {}, { field: 'spec', stored: stored?.spec }, errors);
    return errors;
  },
  validateUpdate,
  validateSubresource: { status: validateStatus },
};

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

function validateUpdate(claim: ClaimDraft, stored: ClaimDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = claim.spec ?? {};
  const old = stored.spec ?? {};
  const named = annotationsOf(stored)[classAnnotation];
  const annotated = annotationsOf(claim)[classAnnotation];
  // The class may go from the annotation of old to the field.
  const isMoved = named !== undefined && spec.storageClassName === named && annotated === undefined;
  if (annotated !== named && !(isMoved && old.storageClassName === undefined)) {
    const field = `metadata.annotations.${classAnnotation}`;
    errors.push(invalidValue(field, annotated ?? '', immutableText));
  }
  expectSameSpec(claim, stored, errors);
  const size = spec.resources?.requests?.['storage'] ?? '0';
  const oldSize = old.resources?.requests?.['storage'] ?? '0';
  const capacity = stored.status?.capacity?.['storage'] ?? '0';
  if (compareAmounts(size, oldSize) < 0 && compareAmounts(size, capacity) <= 0) {
    const text = 'field can not be less than status.capacity';
    errors.push(forbiddenField('spec.resources.requests.storage', text));
  }
  expectImmutable({ value: spec.volumeMode, stored: old.volumeMode, field: 'volumeMode' }, errors);
  if (old.volumeAttributesClassName !== undefined && !spec.volumeAttributesClassName) {
    const what = spec.volumeAttributesClassName === undefined ? 'nil' : 'an empty string';
    const text = `update from non-nil value to ${what} is forbidden`;
    errors.push(forbiddenField('spec.volumeAttributesClassName', text));
  }
  return errors;
}

/** All but what may change once or at any time: the volume, a class that was not named, the size. */
function expectSameSpec(claim: ClaimDraft, stored: ClaimDraft, errors: FieldErrors): void {
  const spec = claim.spec ?? {};
  const old = stored.spec ?? {};
  const kept: Draft<PersistentVolumeClaimSpec> = { ...old };
  if (!old.volumeName && spec.volumeName !== undefined) kept.volumeName = spec.volumeName;
  const named = annotationsOf(stored)[classAnnotation];
  const mayBeNamed = named === undefined || named === spec.storageClassName;
  if (old.storageClassName === undefined && mayBeNamed && spec.storageClassName !== undefined) {
    kept.storageClassName = spec.storageClassName;
  }
  if (stored.status?.phase === 'Bound' && spec.resources?.requests?.['storage'] !== undefined) {
    const requests = { ...old.resources?.requests, storage: spec.resources.requests['storage'] };
    kept.resources = { ...old.resources, requests };
  }
  const { volumeAttributesClassName: _, ...compared } = spec;
  const { volumeAttributesClassName: __, ...expected } = kept;
  if (equalsJson(compared, expected)) return;
  const text =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  const difference = differenceOf(claimSpecAsGo(expected), claimSpecAsGo(compared));
  errors.push(forbiddenField('spec', `${text}\n${difference}`));
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
].toSorted();

/** What is wrong with what a driver says of a claim. */
function validateStatus(claim: ClaimDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const { capacity, allocatedResourceStatuses, allocatedResources } = claim.status ?? {};
  for (const [name, amount] of Object.entries(capacity ?? {})) {
    expectBasicAmount(amount, `status.capacity[${name}]`, errors);
  }
  for (const [name, state] of Object.entries(allocatedResourceStatuses ?? {})) {
    expectClaimResource(name, 'status.allocatedResourceStatus', errors);
    if (resizeStates.includes(state)) continue;
    errors.push(unsupported('status.allocatedResourceStatus', name, resizeStates));
  }
  for (const [name, amount] of Object.entries(allocatedResources ?? {})) {
    const before = errors.length;
    expectClaimResource(name, 'status.allocatedResources', errors);
    if (errors.length > before) continue;
    expectBasicAmount(amount, `status.allocatedResources[${name}]`, errors);
  }
  return errors;
}

/** Of Kubernetes' own resources a claim has storage only. */
function expectClaimResource(name: string, field: string, errors: FieldErrors): void {
  const before = errors.length;
  expectQualifiedName(name, field, errors);
  const isNative = !name.includes('/') || name.includes('kubernetes.io/');
  if (errors.length > before || !isNative || name === 'storage') return;
  errors.push(unsupported(field, name, ['storage']));
}
