export { type Conformity, conformToSchema, isJsonObject } from './conform.ts';
export { pruneToSchema } from './prune.ts';
export { type DefaultsBudget, applySchemaDefaults } from './apply-schema-defaults.ts';
export { type UnknownFields, unknownFieldWalkers } from './unknown-field-walkers.ts';
export { validateValue } from './validate-value.ts';
export type { Walk } from './walk.ts';
export { structuralSchema } from './structural/structural-schema.ts';
export { validateStructuralSchema } from './structural/validate-structural-schema.ts';
