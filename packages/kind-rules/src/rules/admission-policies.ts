import {
  checkDnsSubdomain,
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

import { validateWithExpressions } from '../expressions/validate-with-expressions.ts';
import type { KindRules } from '../kind-rules.ts';
import { expectOneOf, expectUnique, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { validateMatchConditions } from './validate-match-conditions.ts';
import {
  validateMutation,
  validateValidations,
  validateVariables,
} from './validate-policy-expressions.ts';
import {
  applyMatchDefaults,
  applyPolicyDefaults,
  validateBindingScope,
  validatePolicyScope,
} from './validate-policy-parts.ts';

type PolicyDraft = ObjectDraft<ValidatingAdmissionPolicy>;

/**
 * Source: admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy; admissionregistration
 * validation.
 */
export const validatingAdmissionPolicyRules: KindRules<PolicyDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (policy) => applyPolicyDefaults((policy.spec ??= {})),
  ...statusRules<PolicyDraft>(() => ({})),
  validateInTurns: validateWithExpressions((policy) => {
    const errors = new FieldErrors();
    const spec = policy.spec ?? {};
    validatePolicyScope(spec, errors);
    validatePolicyConditions(spec, errors);
    validateValidations(policy, errors);
    return errors;
  }),
};

export const validatingAdmissionPolicyBindingRules: KindRules<
  ObjectDraft<ValidatingAdmissionPolicyBinding>
> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (binding) => applyMatchDefaults(binding.spec?.matchResources),
  validate: (binding) => {
    const errors = new FieldErrors();
    const spec = binding.spec ?? {};
    validateBindingScope(spec, errors);
    const actions = spec.validationActions ?? [];
    const seen = new Set<string>();
    actions.forEach((action, index) => {
      const supported = ['Audit', 'Deny', 'Warn'];
      const field = `spec.validationActions[${index}]`;
      if (!supported.includes(action)) errors.push(unsupported(field, action, supported));
      expectUnique(seen, { value: action, field }, errors);
    });
    if (actions.includes('Deny') && actions.includes('Warn')) {
      const text =
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
      errors.push(invalidValue('spec.validationActions', actions, text));
    }
    if (actions.length === 0) {
      errors.push(required('spec.validationActions', 'at least one validation action is required'));
    }
    return errors;
  },
};

/** Source: admissionregistration.k8s.io MutatingAdmissionPolicy; KEP-3962. */
export const mutatingAdmissionPolicyRules: KindRules<ObjectDraft<MutatingAdmissionPolicy>> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (policy) => applyPolicyDefaults((policy.spec ??= {})),
  validateInTurns: validateWithExpressions((policy) => {
    const errors = new FieldErrors();
    const spec = policy.spec ?? {};
    validatePolicyScope(spec, errors);
    expectNoDeletes(spec.matchConstraints?.resourceRules ?? [], errors);
    validatePolicyConditions(spec, errors);
    if (!spec.mutations?.length) {
      errors.push(required('spec.mutations', 'mutations must contain at least one item'));
    }
    spec.mutations?.forEach((mutation, index) => {
      const place = { field: `spec.mutations[${index}]`, hasParams: Boolean(spec.paramKind) };
      validateMutation(mutation, place, errors);
    });
    const reinvocation = { field: 'spec.reinvocationPolicy', supported: ['IfNeeded', 'Never'] };
    expectOneOf(spec.reinvocationPolicy, reinvocation, errors);
    return errors;
  }),
};

/** What comes before all that a policy does, and may be named in it. */
function validatePolicyConditions(
  {
    matchConditions = [],
    variables = [],
    paramKind,
  }: Pick<
    NonNullable<PolicyDraft['spec'] & ObjectDraft<MutatingAdmissionPolicy>['spec']>,
    'matchConditions' | 'variables' | 'paramKind'
  >,
  errors: FieldErrors,
): void {
  const hasParams = Boolean(paramKind);
  validateMatchConditions(matchConditions, { field: 'spec.matchConditions', hasParams }, errors);
  validateVariables(variables, { field: 'spec.variables', hasParams }, errors);
}

/** What goes away is not changed. */
function expectNoDeletes(
  rules: readonly { readonly operations?: readonly string[] }[],
  errors: FieldErrors,
): void {
  if (!rules.some(({ operations }) => operations?.includes('DELETE'))) return;
  const supported = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
  const field = 'spec.matchConstraints.resourceRules.operations';
  errors.push(unsupported(field, 'DELETE', supported));
}

export const mutatingAdmissionPolicyBindingRules: KindRules<
  ObjectDraft<MutatingAdmissionPolicyBinding>
> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (binding) => applyMatchDefaults(binding.spec?.matchResources),
  validate: (binding) => {
    const errors = new FieldErrors();
    validateBindingScope(binding.spec ?? {}, errors);
    return errors;
  },
};
