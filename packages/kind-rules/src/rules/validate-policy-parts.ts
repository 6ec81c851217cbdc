import {
  checkDns1035Label,
  checkDnsSubdomain,
  type Draft,
  forbiddenField,
  invalidValue,
  required,
} from '@fairway/protocol';
import type { MatchResources, ParamKind, ParamRef } from '@fairway/kinds/admissionregistration/v1';

import { expectOneOf, expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { validateNamedRule } from './validate-admission-rule.ts';

// Source: admissionregistration.k8s.io/v1 MatchResources, ParamKind and ParamRef;
// admissionregistration validation.

/** What policies of both kinds say of the requests that they are about. */
interface PolicyScope {
  failurePolicy?: string;
  paramKind?: Draft<ParamKind>;
  matchConstraints?: Draft<MatchResources>;
}

export function applyPolicyDefaults(scope: PolicyScope): void {
  scope.failurePolicy ??= 'Fail';
  applyMatchDefaults(scope.matchConstraints);
}

/** What is wrong with the requests that a policy is about. */
export function validatePolicyScope(scope: PolicyScope, errors: FieldErrors): void {
  const failure = { field: 'spec.failurePolicy', supported: ['Fail', 'Ignore'] };
  expectOneOf(scope.failurePolicy, failure, errors);
  validateParamKind(scope.paramKind, errors);
  const { matchConstraints } = scope;
  if (!matchConstraints) {
    errors.push(required('spec.matchConstraints'));
    return;
  }
  validateMatch(matchConstraints, 'spec.matchConstraints', errors);
  if (!matchConstraints.resourceRules?.length) {
    errors.push(required('spec.matchConstraints.resourceRules'));
  }
}

/** What is wrong with what a binding binds: a policy, parameters, requests. */
export function validateBindingScope(
  binding: {
    readonly policyName?: string;
    readonly paramRef?: Draft<ParamRef>;
    readonly matchResources?: Draft<MatchResources>;
  },
  errors: FieldErrors,
): void {
  validatePolicyName(binding.policyName, errors);
  validateParamRef(binding.paramRef, errors);
  validateMatch(binding.matchResources, 'spec.matchResources', errors);
}

/** Fills in what a choice of requests leaves out. */
export function applyMatchDefaults(match: Draft<MatchResources> | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) {
    rule.scope ??= '*';
  }
}

/** What is wrong with which requests a policy or binding is about. */
function validateMatch(
  match: Draft<MatchResources> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!match) return;
  const supported = ['Equivalent', 'Exact'];
  expectOptionalOneOf(match.matchPolicy, { field: `${field}.matchPolicy`, supported }, errors);
  validateLabelSelector(match.namespaceSelector, `${field}.namespaceSelector`, errors);
  validateLabelSelector(match.objectSelector, `${field}.objectSelector`, errors);
  match.resourceRules?.forEach((rule, index) => {
    validateNamedRule(rule, `${field}.resourceRules[${index}]`, errors);
  });
  match.excludeResourceRules?.forEach((rule, index) => {
    validateNamedRule(rule, `${field}.excludeResourceRules[${index}]`, errors);
  });
}

/** What is wrong with the kind of a policy's parameters. */
function validateParamKind(
  kind: { readonly apiVersion?: string; readonly kind?: string } | undefined,
  errors: FieldErrors,
): void {
  if (!kind) return;
  const field = 'spec.paramKind';
  if (!kind.apiVersion) errors.push(required(`${field}.apiVersion`));
  else {
    const wrong = checkGroupVersion(kind.apiVersion);
    if (wrong) errors.push(invalidValue(`${field}.apiVersion`, wrong.value, wrong.text));
  }
  if (!kind.kind) {
    errors.push(required(`${field}.kind`));
    return;
  }
  const wrong = checkDns1035Label(kind.kind.toLowerCase());
  if (wrong === undefined) return;
  const text = `may have mixed case, but should otherwise match: ${wrong}`;
  errors.push(invalidValue(`${field}.kind`, kind.kind, text));
}

function checkGroupVersion(apiVersion: string): { value: string; text: string } | undefined {
  const parts = apiVersion.split('/');
  if (parts.length > 2) {
    return { value: apiVersion, text: `unexpected GroupVersion string: ${apiVersion}` };
  }
  const version = parts.at(-1) ?? '';
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  const wrongGroup = group === '' ? undefined : checkDnsSubdomain(group);
  if (wrongGroup !== undefined) return { value: group, text: wrongGroup };
  if (version === '') return { value: apiVersion, text: 'version must be specified' };
  const wrongVersion = checkDns1035Label(version);
  return wrongVersion === undefined ? undefined : { value: version, text: wrongVersion };
}

/** What is wrong with the policy that a binding names. */
function validatePolicyName(name: string | undefined, errors: FieldErrors): void {
  if (!name) {
    errors.push(required('spec.policyName'));
    return;
  }
  const wrong = checkDnsSubdomain(name);
  if (wrong !== undefined) errors.push(invalidValue('spec.policyName', name, wrong));
}

/** What is wrong with where a binding finds the parameters of its policy. */
function validateParamRef(
  reference:
    | {
        readonly name?: string;
        readonly selector?: object;
        readonly parameterNotFoundAction?: string;
      }
    | undefined,
  errors: FieldErrors,
): void {
  if (!reference) return;
  const field = 'spec.paramRef';
  if (reference.name && reference.selector) {
    const text = 'name and selector are mutually exclusive';
    errors.push(forbiddenField(`${field}.name`, text), forbiddenField(`${field}.selector`, text));
  }
  if (!reference.name && !reference.selector) {
    errors.push(required(field, 'one of name or selector must be specified'));
  }
  const supported = ['Deny', 'Allow'];
  const action = { field: `${field}.parameterNotFoundAction`, supported };
  expectOneOf(reference.parameterNotFoundAction, action, errors);
}
