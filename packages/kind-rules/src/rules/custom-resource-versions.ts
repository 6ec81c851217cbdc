import {
  checkDns1035Label,
  type Draft,
  duplicate,
  invalidValue,
  required,
  tooMany,
} from '@fairway/protocol';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '@fairway/kinds/apiextensions/v1';

import type { FieldErrors } from '../field-checks.ts';
import { SharedParts } from './shared-parts.ts';

type VersionDraft = Draft<CustomResourceDefinitionVersion>;

/**
 * The versions of a definition, without what their schemas and paths say.
 * Source: apiextensions.k8s.io/v1 CustomResourceDefinitionVersion; apiextensions validation.
 */
export function validateVersions(
  spec: Draft<CustomResourceDefinitionSpec>,
  errors: FieldErrors,
): void {
  const { versions } = spec;
  const parts = new SharedParts(spec);
  const names = new Set<string>();
  let hasDuplicate = false;
  versions?.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    const name = version.name ?? '';
    if (names.has(name)) hasDuplicate = true;
    names.add(name);
    const wrong = checkDns1035Label(name);
    if (wrong !== undefined) {
      if (index === 0) errors.push(invalidValue('spec.version', name, wrong));
      errors.push(invalidValue(`${path}.name`, name, wrong));
    }
    validateDeprecation(version, path, errors);
    validateParts(version, { parts, index }, errors);
  });
  if (versions?.filter(({ storage }) => storage === true).length !== 1) {
    const text = 'must have exactly one version marked as storage version';
    errors.push(invalidValue('spec.versions', parts.show(versions), text));
  }
  if (hasDuplicate) {
    const text = 'must contain unique version names';
    errors.push(invalidValue('spec.versions', parts.show(versions), text));
  }
}

/** Which versions objects are stored in must stay known, and count the one that they go to. */
export function validateStoredVersions(
  storedVersions: readonly string[] | undefined,
  versions: readonly VersionDraft[],
  errors: FieldErrors,
): void {
  const field = 'status.storedVersions';
  if (storedVersions === undefined || storedVersions.length === 0) {
    errors.push(invalidValue(field, null, 'must have at least one stored version'));
    return;
  }
  for (const { name = '', storage } of versions) {
    if (storage !== true || storedVersions.includes(name)) continue;
    errors.push(invalidValue(field, storedVersions, `must have the storage version ${name}`));
  }
  const names = new Set(versions.map(({ name }) => name));
  storedVersions.forEach((version, index) => {
    if (names.has(version)) return;
    const text = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
    errors.push(invalidValue(`${field}[${index}]`, version, text));
  });
}

const warningCharactersMax = 256;

function validateDeprecation(
  { deprecated, deprecationWarning: text }: VersionDraft,
  path: string,
  errors: FieldErrors,
): void {
  if (text === undefined) return;
  const field = `${path}.deprecationWarning`;
  const complain = (problem: string): void => void errors.push(invalidValue(field, text, problem));
  if (deprecated !== true) complain('can only be set for deprecated versions');
  if (text === '') complain('must not be an empty string');
  if (text.length > warningCharactersMax) {
    complain(`must be <= ${warningCharactersMax} characters long`);
  }
  const odd = text.search(/\p{C}|[^\P{Z} ]/u);
  if (odd >= 0) {
    complain(
      `must only contain printable UTF-8 characters; non-printable character found at index ${odd}`,
    );
  }
}

interface PlacedParts {
  readonly parts: SharedParts;
  readonly index: number;
}

function validateParts(
  version: VersionDraft,
  { parts, index }: PlacedParts,
  errors: FieldErrors,
): void {
  const schema = version.schema?.openAPIV3Schema;
  if (!schema) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`));
  const schemaPath = parts.pathOf('schema', index);
  if (schema && schemaPath !== undefined && schema.type !== 'object') {
    const field = `${schemaPath}.openAPIV3Schema.type`;
    if (!schema.type) errors.push(required(field, 'must not be empty at the root'));
    else errors.push(invalidValue(field, schema.type, 'must be object at the root'));
  }
  const columnsPath = parts.pathOf('additionalPrinterColumns', index);
  if (columnsPath !== undefined) validateColumns(version, columnsPath, errors);
  const subresourcesPath = parts.pathOf('subresources', index);
  if (subresourcesPath !== undefined) validateScale(version, `${subresourcesPath}.scale`, errors);
  const fieldsPath = parts.pathOf('selectableFields', index);
  if (fieldsPath !== undefined) validateSelectableFields(version, fieldsPath, errors);
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = [
  'byte',
  'date',
  'date-time',
  'double',
  'float',
  'int32',
  'int64',
  'password',
];

function validateColumns(
  { additionalPrinterColumns = [] }: VersionDraft,
  path: string,
  errors: FieldErrors,
): void {
  const names = new Set<string>();
  additionalPrinterColumns.forEach(({ name, type, format, jsonPath }, index) => {
    const field = `${path}[${index}]`;
    if (!name) errors.push(required(`${field}.name`));
    else if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name ?? '');
    const types = `must be one of ${columnTypes.join(',')}`;
    if (!type) errors.push(required(`${field}.type`, types));
    else if (!columnTypes.includes(type)) errors.push(invalidValue(`${field}.type`, type, types));
    if (format && !columnFormats.includes(format)) {
      const text = `must be one of ${columnFormats.join(',')}`;
      errors.push(invalidValue(`${field}.format`, format, text));
    }
    if (!jsonPath) errors.push(required(`${field}.JSONPath`));
    else expectSimplePath(jsonPath, `${field}.JSONPath`, errors);
  });
}

/** Says whether it is one. What is behind the dot, the API server judges. */
function expectSimplePath(path: string, field: string, errors: FieldErrors): boolean {
  if (path.startsWith('.')) return true;
  errors.push(invalidValue(field, path, 'must be a simple json path starting with .'));
  return false;
}

function validateScale({ subresources }: VersionDraft, path: string, errors: FieldErrors): void {
  const { scale } = subresources ?? {};
  if (!scale) return;
  const expectUnder = (
    field: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath',
    roots: readonly string[],
  ): void => {
    const value = scale[field];
    const at = `${path}.${field}`;
    if (!value) {
      if (field !== 'labelSelectorPath') errors.push(required(at));
    } else if (expectSimplePath(value, at, errors)) {
      if (roots.some((root) => value.startsWith(`${root}.`))) return;
      const text = roots.length > 1 ? `either ${roots.join(' or ')}` : roots.join('');
      errors.push(invalidValue(at, value, `should be a json path under ${text}`));
    }
  };
  expectUnder('specReplicasPath', ['.spec']);
  expectUnder('statusReplicasPath', ['.status']);
  expectUnder('labelSelectorPath', ['.spec', '.status']);
}

const selectableFieldsMax = 8;

function validateSelectableFields(
  { selectableFields = [] }: VersionDraft,
  path: string,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  selectableFields.forEach(({ jsonPath }, index) => {
    const field = `${path}[${index}].jsonPath`;
    if (!jsonPath) errors.push(required(field));
    else if (seen.has(jsonPath)) errors.push(duplicate(field, jsonPath));
    seen.add(jsonPath ?? '');
  });
  if (selectableFields.length > selectableFieldsMax) {
    errors.push(tooMany(path, selectableFields.length, selectableFieldsMax));
  }
}
