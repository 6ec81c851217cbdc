import { type Draft, invalidValue, required, unsupported } from '@fairway/protocol';
import type { RuleWithOperations } from '@fairway/kinds/admissionregistration/v1';

import { expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/**
 * What is wrong with which requests a webhook or policy is asked about. `*` must stand alone among
 * operations, groups and versions.
 * Source: admissionregistration.k8s.io/v1 RuleWithOperations.
 */
export function validateRuleWithOperations(
  rule: Draft<RuleWithOperations>,
  path: string,
  errors: FieldErrors,
): void {
  if (!rule.operations?.length) errors.push(required(`${path}.operations`));
  if (rule.operations?.includes('*') && rule.operations.length > 1) {
    const text = "if '*' is present, must not specify other operations";
    errors.push(invalidValue(`${path}.operations`, rule.operations, text));
  }
  rule.operations?.forEach((operation, index) => {
    if (!operations.includes(operation)) {
      errors.push(unsupported(`${path}.operations[${index}]`, operation, operations));
    }
  });
  for (const name of ['apiGroups', 'apiVersions', 'resources'] as const) {
    const values = rule[name] ?? [];
    if (values.length === 0) errors.push(required(`${path}.${name}`));
    if (name !== 'resources' && values.includes('*') && values.length > 1) {
      const what = name === 'apiGroups' ? 'API groups' : 'API versions';
      const text = `if '*' is present, must not specify other ${what}`;
      errors.push(invalidValue(`${path}.${name}`, values, text));
    }
    if (name === 'apiGroups') continue;
    values.forEach((value, index) => {
      if (value === '') errors.push(required(`${path}.${name}[${index}]`));
    });
  }
  const scopes = { field: `${path}.scope`, supported: ['*', 'Cluster', 'Namespaced'] };
  expectOptionalOneOf(rule.scope, scopes, errors);
}
