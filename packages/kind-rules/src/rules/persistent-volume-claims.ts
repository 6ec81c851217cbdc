import {
  checkDnsSubdomain,
  type FieldError,
  forbiddenField,
  type ObjectDraft,
  equalsJson,
} from '@fairway/protocol';
import type { PersistentVolumeClaim } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { compareAmounts } from './amounts.ts';
import { expectImmutable, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { validateClaimSpec } from './validate-claim-spec.ts';

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
  validate: (claim) => {
    const errors = new FieldErrors();
    validateClaimSpec(claim.spec ?? {}, 'spec', errors);
    return errors;
  },
  validateUpdate,
};

function validateUpdate(claim: ClaimDraft, stored: ClaimDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = claim.spec ?? {};
  const old = stored.spec ?? {};
  const compared: Record<string, unknown> = { ...spec };
  if (!old.volumeName) compared['volumeName'] = old.volumeName;
  if (old.storageClassName === undefined) compared['storageClassName'] = undefined;
  if (stored.status?.phase === 'Bound') {
    const requests = { ...spec.resources?.requests, storage: old.resources?.requests?.['storage'] };
    compared['resources'] = { ...spec.resources, requests };
    if (spec.volumeAttributesClassName !== undefined) {
      compared['volumeAttributesClassName'] = old.volumeAttributesClassName;
    }
  }
  if (!equalsJson(compared, { ...old })) {
    const text =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbiddenField('spec', text));
  }
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
