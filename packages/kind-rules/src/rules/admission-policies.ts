import {
  checkDnsSubdomain,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@fairway/kinds/admissionregistration/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectOneOf, expectOptionalOneOf, FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { statusRules } from './status-subresource.ts';
import { validateRuleWithOperations } from './validate-admission-rule.ts';

type PolicyDraft = ObjectDraft<ValidatingAdmissionPolicy>;
type MatchResources = NonNullable<NonNullable<PolicyDraft['spec']>['matchConstraints']>;

function applyMatchDefaults(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) {
    rule.scope ??= '*';
  }
}

function validateMatch(
  match: MatchResources | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!match) return;
  const supported = ['Equivalent', 'Exact'];
  expectOptionalOneOf(match.matchPolicy, { field: `${field}.matchPolicy`, supported }, errors);
  validateLabelSelector(match.namespaceSelector, `${field}.namespaceSelector`, errors);
  validateLabelSelector(match.objectSelector, `${field}.objectSelector`, errors);
  match.resourceRules?.forEach((rule, index) => {
    validateRuleWithOperations(rule, `${field}.resourceRules[${index}]`, errors);
  });
  match.excludeResourceRules?.forEach((rule, index) => {
    validateRuleWithOperations(rule, `${field}.excludeResourceRules[${index}]`, errors);
  });
}

/**
 * CEL expressions are stored as text: only that they are there is checked.
 * Source: admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy; admissionregistration
 * validation.
 */
export const validatingAdmissionPolicyRules: KindRules<PolicyDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (policy) => {
    policy.spec ??= {};
    policy.spec.failurePolicy ??= 'Fail';
    applyMatchDefaults(policy.spec.matchConstraints);
  },
  ...statusRules<PolicyDraft>(() => ({})),
  validate: (policy) => {
    const errors = new FieldErrors();
    const spec = policy.spec ?? {};
    const failure = { field: 'spec.failurePolicy', supported: ['Fail', 'Ignore'] };
    expectOneOf(spec.failurePolicy, failure, errors);
    validateParamKind(spec.paramKind, errors);
    if (!spec.matchConstraints) errors.push(required('spec.matchConstraints'));
    else {
      if (!spec.matchConstraints.resourceRules?.length) {
        errors.push(required('spec.matchConstraints.resourceRules'));
      }
      validateMatch(spec.matchConstraints, 'spec.matchConstraints', errors);
    }
    const validations = spec.validations ?? [];
    if (validations.length === 0 && !spec.auditAnnotations?.length) {
      const text = 'validations or auditAnnotations must contain at least one item';
      errors.push(required('spec.validations', text), required('spec.auditAnnotations', text));
    }
    validations.forEach((validation, index) => {
      if (!validation.expression?.trim()) {
        const field = `spec.validations[${index}].expression`;
        errors.push(required(field, 'expression is not specified'));
      }
    });
    return errors;
  },
};

function validateParamKind(
  kind: { readonly apiVersion?: string; readonly kind?: string } | undefined,
  errors: FieldErrors,
): void {
  if (!kind) return;
  if (!kind.apiVersion) errors.push(required('spec.paramKind.apiVersion'));
  if (!kind.kind) errors.push(required('spec.paramKind.kind'));
}

export const validatingAdmissionPolicyBindingRules: KindRules<
  ObjectDraft<ValidatingAdmissionPolicyBinding>
> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (binding) => applyMatchDefaults(binding.spec?.matchResources),
  validate: (binding) => {
    const errors = new FieldErrors();
    const spec = binding.spec ?? {};
    validatePolicyName(spec.policyName, errors);
    validateParamRef(spec.paramRef, errors);
    validateMatch(spec.matchResources, 'spec.matchResources', errors);
    const actions = spec.validationActions ?? [];
    if (actions.length === 0) errors.push(required('spec.validationActions'));
    actions.forEach((action, index) => {
      const supported = ['Audit', 'Deny', 'Warn'];
      const field = `spec.validationActions[${index}]`;
      if (!supported.includes(action)) errors.push(unsupported(field, action, supported));
    });
    if (actions.includes('Deny') && actions.includes('Warn')) {
      const text =
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
      errors.push(invalidValue('spec.validationActions', actions, text));
    }
    return errors;
  },
};

function validatePolicyName(name: string | undefined, errors: FieldErrors): void {
  if (!name) {
    errors.push(required('spec.policyName'));
    return;
  }
  const wrong = checkDnsSubdomain(name);
  if (wrong !== undefined) errors.push(invalidValue('spec.policyName', name, wrong));
}

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
    errors.push(forbiddenField(`${field}.name`, 'name and selector are mutually exclusive'));
  }
  if (!reference.name && !reference.selector) {
    errors.push(required(field, 'one of name or selector must be specified'));
  }
  const supported = ['Deny', 'Allow'];
  const action = { field: `${field}.parameterNotFoundAction`, supported };
  expectOneOf(reference.parameterNotFoundAction, action, errors);
}

/** Source: admissionregistration.k8s.io MutatingAdmissionPolicy; KEP-3962. */
export const mutatingAdmissionPolicyRules: KindRules<ObjectDraft<MutatingAdmissionPolicy>> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (policy) => {
    policy.spec ??= {};
    policy.spec.failurePolicy ??= 'Fail';
    applyMatchDefaults(policy.spec.matchConstraints);
  },
  validate: (policy) => {
    const errors = new FieldErrors();
    const spec = policy.spec ?? {};
    const failure = { field: 'spec.failurePolicy', supported: ['Fail', 'Ignore'] };
    expectOneOf(spec.failurePolicy, failure, errors);
    validateParamKind(spec.paramKind, errors);
    if (!spec.matchConstraints) errors.push(required('spec.matchConstraints'));
    validateMatch(spec.matchConstraints, 'spec.matchConstraints', errors);
    if (!spec.mutations?.length) {
      errors.push(required('spec.mutations', 'mutations must contain at least one item'));
    }
    const reinvocation = { field: 'spec.reinvocationPolicy', supported: ['IfNeeded', 'Never'] };
    expectOneOf(spec.reinvocationPolicy, reinvocation, errors);
    return errors;
  },
};

export const mutatingAdmissionPolicyBindingRules: KindRules<
  ObjectDraft<MutatingAdmissionPolicyBinding>
> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (binding) => applyMatchDefaults(binding.spec?.matchResources),
  validate: (binding) => {
    const errors = new FieldErrors();
    validatePolicyName(binding.spec?.policyName, errors);
    validateParamRef(binding.spec?.paramRef, errors);
    validateMatch(binding.spec?.matchResources, 'spec.matchResources', errors);
    return errors;
  },
};
