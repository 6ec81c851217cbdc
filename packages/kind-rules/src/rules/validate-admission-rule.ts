import {
  checkPathSegment,
  type Draft,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  NamedRuleWithOperations,
  RuleWithOperations,
} from '@fairway/kinds/admissionregistration/v1';

import { expectOptionalOneOf, expectUnique, type FieldErrors } from '../field-checks.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/**
 * What is wrong with which requests a webhook or policy is asked about. `*` must stand alone among
 * operations, groups and versions, and says it for all resources that it covers.
 * Source: admissionregistration.k8s.io/v1 RuleWithOperations; admissionregistration validation.
 */
export function validateRuleWithOperations(
  rule: Draft<RuleWithOperations>,
  path: string,
  errors: FieldErrors,
): void {
  if (!rule.operations?.length) errors.push(required(`${path}.operations`));
  expectStarAlone(rule.operations, { path: `${path}.operations`, what: 'operations' }, errors);
  rule.operations?.forEach((operation, index) => {
    if (!operations.includes(operation)) {
      errors.push(unsupported(`${path}.operations[${index}]`, operation, operations));
    }
  });
  if (!rule.apiGroups?.length) errors.push(required(`${path}.apiGroups`));
  expectStarAlone(rule.apiGroups, { path: `${path}.apiGroups`, what: 'API groups' }, errors);
  if (!rule.apiVersions?.length) errors.push(required(`${path}.apiVersions`));
  expectStarAlone(rule.apiVersions, { path: `${path}.apiVersions`, what: 'API versions' }, errors);
  rule.apiVersions?.forEach((version, index) => {
    if (version === '') errors.push(required(`${path}.apiVersions[${index}]`));
  });
  validateResources(rule.resources ?? [], `${path}.resources`, errors);
  const scopes = { field: `${path}.scope`, supported: ['*', 'Cluster', 'Namespaced'] };
  expectOptionalOneOf(rule.scope, scopes, errors);
}

/** The same for a policy, which may name objects too. */
export function validateNamedRule(
  rule: Draft<NamedRuleWithOperations>,
  path: string,
  errors: FieldErrors,
): void {
  const names = new Set<string>();
  rule.resourceNames?.forEach((name, index) => {
    const field = `${path}.resourceNames[${index}]`;
    const wrong = checkPathSegment(name);
    if (wrong !== undefined) errors.push(invalidValue(field, name, wrong));
    expectUnique(names, { value: name, field }, errors);
  });
  validateRuleWithOperations(rule, path, errors);
}

function expectStarAlone(
  values: readonly string[] | undefined,
  { path, what }: { readonly path: string; readonly what: string },
  errors: FieldErrors,
): void {
  if (values === undefined || values.length < 2 || !values.includes('*')) return;
  errors.push(invalidValue(path, values, `if '*' is present, must not specify other ${what}`));
}

/** Each is `resource`, `resource/subresource` or has `*` for either part. */
function validateResources(resources: readonly string[], field: string, errors: FieldErrors): void {
  if (resources.length === 0) errors.push(required(field));
  const withAllParts = new Set<string>();
  const partsOfAll = new Set<string>();
  let isLastPlainNamed = false;
  resources.forEach((each, index) => {
    const path = `${field}[${index}]`;
    if (each === '') {
      errors.push(required(path));
      return;
    }
    const slash = each.indexOf('/');
    if (slash < 0) {
      // As in Kubernetes, where the last one without a subresource decides.
      isLastPlainNamed = each !== '*';
      return;
    }
    const [resource, part] = [each.slice(0, slash), each.slice(slash + 1)];
    const text = (by: string): string => `if '${by}' is present, must not specify ${each}`;
    if (withAllParts.has(resource)) {
      errors.push(invalidValue(path, each, text(`${resource}/*`)));
    }
    if (partsOfAll.has(part)) errors.push(invalidValue(path, each, text(`*/${part}`)));
    if (part === '*') withAllParts.add(resource);
    if (resource === '*') partsOfAll.add(part);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    const text = "if '*/*' is present, must not specify other resources";
    errors.push(invalidValue(field, resources, text));
  }
  if (resources.includes('*') && isLastPlainNamed) {
    const text = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalidValue(field, resources, text));
  }
}
