import type { OpenApiParameter } from './open-api-document.ts';

/** Parameters that this server reads, in the order of their names. */
export const writeParameters: readonly OpenApiParameter[] = [
  query('dryRun', 'string'),
  query('fieldManager', 'string'),
  query('fieldValidation', 'string'),
];

export const patchParameters: readonly OpenApiParameter[] = [
  ...writeParameters,
  query('force', 'boolean'),
];

export const deleteParameters: readonly OpenApiParameter[] = [
  query('dryRun', 'string'),
  query('gracePeriodSeconds', 'integer'),
  query('orphanDependents', 'boolean'),
  query('propagationPolicy', 'string'),
];

export const listParameters: readonly OpenApiParameter[] = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue', 'string'),
  query('fieldSelector', 'string'),
  query('labelSelector', 'string'),
  query('limit', 'integer'),
  query('resourceVersion', 'string'),
  query('resourceVersionMatch', 'string'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
];

export const prettyParameter = query('pretty', 'string');
export const nameParameter = inPath('name');
export const namespaceParameter = inPath('namespace');

function query(name: string, type: OpenApiParameter['schema']['type']): OpenApiParameter {
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

function inPath(name: string): OpenApiParameter {
  return { name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };
}
