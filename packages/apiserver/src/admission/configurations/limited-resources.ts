import type { FieldReader } from '@fairway/protocol';
import { type Scope, scopeNames } from '@fairway/kind-rules/quotas';
import type { LimitedResource } from '../resource-quota/limited-resources.ts';

const operators: readonly string[] = [
  'In',
  'NotIn',
  'Exists',
  'DoesNotExist',
] satisfies Scope['operator'][];

/** Source: apiserver.config.k8s.io/v1 ResourceQuotaConfiguration. */
export function readLimitedResources(
  reader: FieldReader,
  document: unknown,
): readonly LimitedResource[] {
  const { limitedResources } = reader.object('', document, [
    'apiVersion',
    'kind',
    'limitedResources',
  ]);
  return reader.list('limitedResources', limitedResources).map((entry, at) => {
    const field = `limitedResources[${at}]`;
    const known = ['apiGroup', 'resource', 'matchContains', 'matchScopes'];
    const fields = reader.object(field, entry, known);
    const { apiGroup = '' } = fields;
    const group = apiGroup === '' ? '' : reader.text(`${field}.apiGroup`, apiGroup);
    const parts = `${field}.matchContains`;
    const scopes = `${field}.matchScopes`;
    return {
      group: group ?? '',
      plural: reader.text(`${field}.resource`, fields['resource']) ?? '',
      matchContains: readTexts(reader, parts, fields['matchContains']),
      matchScopes: reader
        .list(scopes, fields['matchScopes'])
        .map((scope, index) => readScope(reader, `${scopes}[${index}]`, scope)),
    };
  });
}

function readScope(reader: FieldReader, field: string, value: unknown): Scope {
  const fields = reader.object(field, value, ['scopeName', 'operator', 'values']);
  const scopeName = reader.choice(`${field}.scopeName`, fields['scopeName'], scopeNames);
  const operator = reader.choice(`${field}.operator`, fields['operator'], operators);
  const values = readTexts(reader, `${field}.values`, fields['values']);
  return { scopeName, operator, ...(values.length > 0 && { values }) } as Scope;
}

function readTexts(reader: FieldReader, field: string, value: unknown): readonly string[] {
  return reader
    .list(field, value)
    .flatMap((text, at) => reader.text(`${field}[${at}]`, text) ?? []);
}
