export { type Conformity, conformToSchema } from './conform/conform.ts';
export { isJsonObject } from './json-value.ts';
export { sortMaps } from './conform/sort-maps.ts';
export { pruneToSchema } from './prune.ts';
export { type DefaultsBudget, applySchemaDefaults } from './apply-schema-defaults.ts';
export { type UnknownFields, unknownFieldWalkers } from './unknown-field-walkers.ts';
export { validateValue } from './validate-value.ts';
export type { Walk } from './walk.ts';
export { structuralSchema } from './structural/structural-schema.ts';
export type { PlacedSchema } from './structural/placed-schema.ts';
export { hasRules } from './structural/has-rules.ts';
export { unknownFormats } from './structural/unknown-formats.ts';
export { schemaAtPath } from './structural/schema-at-path.ts';
export { validateStructuralSchema } from './structural/validate-structural-schema.ts';
export { FieldSet } from './fields/field-set.ts';
export { fieldElement, formatPath } from './fields/path-element.ts';
export { decodeFieldsV1, encodeFieldsV1 } from './fields/fields-v1.ts';
export { createdFieldsV1 } from './fields/written-fields.ts';
export { appliedFields } from './fields/fields-of.ts';
export { atomicsIn } from './fields/atomics-in.ts';
export { mergeApplied } from './fields/merge-applied.ts';
export { checkApplied, isOwnable } from './fields/check-applied.ts';
export { compareFields } from './fields/compare-fields.ts';
export { coversFields, touchesFields } from './fields/touches-fields.ts';
export { zeroObject } from './fields/zero-object.ts';
export type {
  ConvertObject,
  FieldConflict,
  OwnedFields,
  Owners,
  VersionedObject,
  WriteScope,
} from './fields/owners.ts';
export { WriteChanges } from './fields/write-changes.ts';
export { updateOwners } from './fields/update-owners.ts';
export { type Applied, applyOwners } from './fields/apply-owners.ts';
