export type { DeletionRules, KindRules, NameCheck } from './kind-rules.ts';
export { allKindRules } from './all-kind-rules.ts';
export {
  type KindStrategy,
  allKindStrategies,
  customResourceStrategy,
} from './all-kind-strategies.ts';
export { boundErrors } from './bound-errors.ts';
export { FieldErrors } from './field-checks.ts';
export {
  type DefinitionDraft,
  customResourceDefinitionRules,
} from './rules/custom-resource-definitions.ts';
export { publicAddressProblem } from './rules/ip-addresses.ts';
export { SharedParts } from './rules/shared-parts.ts';
export { keepAllButStatus, keepStatus } from './rules/status-subresource.ts';
export {
  type MetadataScope,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './metadata/validate-object-meta.ts';
export type { TableCell, TableColumn, TableColumns } from './table-columns.ts';
export { allTableColumns } from './all-table-columns.ts';
export { scales } from './tables/scale.ts';
export { nameAndAge, nameCell, nameColumn } from './tables/name-and-age.ts';
export { autoscalerToVersion1, autoscalerToVersion2 } from './versions/convert-autoscaler.ts';
export { eventFromCore, eventToCore } from './versions/convert-event.ts';
