import {
  checkDnsSubdomain,
  type Draft,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
  equalsJson,
} from '@fairway/protocol';
import type { PersistentVolumeClaimSpec } from '@fairway/kinds/core/v1';

import { isPositiveAmount } from './amounts.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectOptionalOneOf,
  type FieldErrors,
} from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';

export const volumeModes: readonly string[] = ['Block', 'Filesystem'];
const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

interface ClaimPlace {
  readonly field: string;
  /** What it takes the place of. */
  readonly stored?: Draft<PersistentVolumeClaimSpec> | undefined;
}

/**
 * What is wrong with what a claim asks for, alone or in a template.
 * Source: core validation, ValidatePersistentVolumeClaimSpec.
 */
export function validateClaimSpec(
  spec: Draft<PersistentVolumeClaimSpec>,
  place: ClaimPlace,
  errors: FieldErrors,
): void {
  const { field } = place;
  if (!spec.accessModes?.length) {
    errors.push(required(`${field}.accessModes`, 'at least 1 access mode is required'));
  }
  validateLabelSelector(spec.selector, `${field}.selector`, errors);
  expectAccessModes(spec.accessModes ?? [], `${field}.accessModes`, errors);
  const storage = spec.resources?.requests?.['storage'];
  const storageField = `${field}.resources[storage]`;
  if (storage === undefined) errors.push(required(storageField));
  else if (!isPositiveAmount(storage)) {
    errors.push(invalidValue(storageField, String(storage), 'must be greater than zero'));
  }
  expectClassName(spec.storageClassName, `${field}.storageClassName`, errors);
  const mode = { field: `${field}.volumeMode`, supported: volumeModes };
  expectOptionalOneOf(spec.volumeMode, mode, errors);
  validateDataSources(spec, place, errors);
  const attributesField = `${field}.volumeAttributesClassName`;
  expectClassName(spec.volumeAttributesClassName, attributesField, errors);
}

/** Known modes, and the exclusive one alone. */
export function expectAccessModes(
  modes: readonly string[],
  field: string,
  errors: FieldErrors,
): void {
  for (const mode of modes) {
    if (!accessModes.includes(mode)) errors.push(unsupported(field, mode, accessModes));
  }
  const known = modes.filter((mode) => accessModes.includes(mode));
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    errors.push(forbiddenField(field, 'may not use ReadWriteOncePod with other access modes'));
  }
}

/** The name of a class, when one is given. */
export function expectClassName(
  name: string | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!name) return;
  const wrong = checkDnsSubdomain(name);
  if (wrong !== undefined) errors.push(invalidValue(field, name, wrong));
}

interface DataSource {
  readonly name?: string;
  readonly kind?: string;
  readonly apiGroup?: string;
  readonly namespace?: string;
}

function validateDataSources(
  spec: Draft<PersistentVolumeClaimSpec>,
  { field, stored }: ClaimPlace,
  errors: FieldErrors,
): void {
  const { dataSource, dataSourceRef } = spec;
  // Groups were not looked at before: what is stored with one may be updated.
  const mayHaveAnyGroup = Boolean(stored?.dataSource?.apiGroup ?? stored?.dataSourceRef?.apiGroup);
  for (const name of ['dataSource', 'dataSourceRef'] as const) {
    const source = spec[name];
    if (!source) continue;
    validateDataSource(source, { field: `${field}.${name}`, mayHaveAnyGroup }, errors);
  }
  if (!dataSource || !dataSourceRef) return;
  if (dataSourceRef.namespace) {
    const text = 'may not be specified when dataSourceRef.namespace is specified';
    errors.push(invalidValue(field, {}, text));
  } else if (!equalsJson({ ...dataSource }, { ...dataSourceRef, namespace: undefined })) {
    errors.push(invalidValue(field, {}, 'must match dataSourceRef'));
  }
}

function validateDataSource(
  source: DataSource,
  { field, mayHaveAnyGroup }: { readonly field: string; readonly mayHaveAnyGroup: boolean },
  errors: FieldErrors,
): void {
  if (!source.name) errors.push(required(`${field}.name`));
  if (!source.kind) errors.push(required(`${field}.kind`));
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') {
    const text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalidValue(field, source.kind ?? '', text));
  }
  if (source.apiGroup && !mayHaveAnyGroup) {
    expectDnsSubdomain(source.apiGroup, `${field}.apiGroup`, errors);
  }
  if (source.namespace) expectDnsLabel(source.namespace, `${field}.namespace`, errors);
}
