import {
  checkDnsSubdomain,
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  RuleWithOperations,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
} from '@fairway/kinds/admissionregistration/v1';

import type { KindRules } from '../registry/kind-rules.ts';
import type { Draft, ObjectDraft } from './draft.ts';
import {
  expectOneOf,
  expectOptionalOneOf,
  expectPortNumber,
  type FieldErrors,
} from './field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { statusRules } from './status-subresource.ts';

type AnyWebhook = Draft<ValidatingWebhook> & Draft<MutatingWebhook>;

export const validatingWebhookConfigurationRules: KindRules<
  ObjectDraft<ValidatingWebhookConfiguration>
> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (configuration) => {
    for (const webhook of configuration.webhooks ?? []) applyWebhookDefaults(webhook);
  },
  validate: (configuration) => validateWebhooks(configuration.webhooks ?? []),
};

export const mutatingWebhookConfigurationRules: KindRules<
  ObjectDraft<MutatingWebhookConfiguration>
> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (configuration) => {
    for (const webhook of configuration.webhooks ?? []) {
      applyWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  validate: (configuration) => validateWebhooks(configuration.webhooks ?? []),
};

function applyWebhookDefaults(webhook: AnyWebhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
}

function validateWebhooks(webhooks: readonly AnyWebhook[]): readonly FieldError[] {
  const errors: FieldErrors = [];
  const names = new Set<string>();
  webhooks.forEach((webhook, index) => {
    const path = `webhooks[${index}]`;
    validateWebhook(webhook, path, errors);
    const name = webhook.name ?? '';
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
  });
  return errors;
}

const timeoutSecondsMax = 30;

function validateWebhook(webhook: AnyWebhook, path: string, errors: FieldErrors): void {
  const name = webhook.name ?? '';
  if (name === '') errors.push(required(`${path}.name`));
  else if (name.split('.').length < 3) {
    const text = 'should be a domain with at least three segments separated by dots';
    errors.push(invalidValue(`${path}.name`, name, text));
  } else {
    const wrong = checkDnsSubdomain(name);
    if (wrong !== undefined) errors.push(invalidValue(`${path}.name`, name, wrong));
  }
  webhook.rules?.forEach((rule, index) => validateRule(rule, `${path}.rules[${index}]`, errors));
  const failure = { field: `${path}.failurePolicy`, supported: ['Fail', 'Ignore'] };
  expectOptionalOneOf(webhook.failurePolicy, failure, errors);
  const match = { field: `${path}.matchPolicy`, supported: ['Equivalent', 'Exact'] };
  expectOptionalOneOf(webhook.matchPolicy, match, errors);
  validateSideEffects(webhook, path, errors);
  const timeout = webhook.timeoutSeconds;
  if (timeout !== undefined && (timeout < 1 || timeout > timeoutSecondsMax)) {
    const text = `the timeout value must be between 1 and ${timeoutSecondsMax} seconds`;
    errors.push(invalidValue(`${path}.timeoutSeconds`, timeout, text));
  }
  validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`, errors);
  validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`, errors);
  validateClientConfig(webhook.clientConfig ?? {}, `${path}.clientConfig`, errors);
  const reinvocation = { field: `${path}.reinvocationPolicy`, supported: ['IfNeeded', 'Never'] };
  expectOptionalOneOf(webhook.reinvocationPolicy, reinvocation, errors);
  validateReviewVersions(webhook, path, errors);
}

function validateSideEffects(webhook: AnyWebhook, path: string, errors: FieldErrors): void {
  const supported = ['None', 'NoneOnDryRun'];
  if (!webhook.sideEffects) {
    const text = 'must specify one of None, NoneOnDryRun';
    errors.push(required(`${path}.sideEffects`, text));
  } else if (!supported.includes(webhook.sideEffects)) {
    errors.push(unsupported(`${path}.sideEffects`, webhook.sideEffects, supported));
  }
}

function validateReviewVersions(webhook: AnyWebhook, path: string, errors: FieldErrors): void {
  const field = `${path}.admissionReviewVersions`;
  const versions = webhook.admissionReviewVersions ?? [];
  if (versions.length === 0) {
    errors.push(required(field, 'must specify one of v1, v1beta1'));
    return;
  }
  const seen = new Set<string>();
  versions.forEach((version, index) => {
    if (seen.has(version)) {
      errors.push(invalidValue(`${field}[${index}]`, version, 'duplicate version'));
    }
    seen.add(version);
  });
  if (!versions.includes('v1') && !versions.includes('v1beta1')) {
    errors.push(invalidValue(field, versions, 'must include at least one of v1, v1beta1'));
  }
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

function validateRule(rule: Draft<RuleWithOperations>, path: string, errors: FieldErrors): void {
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

/** What is wrong with how a webhook is reached: by URL or by service. */
export function validateClientConfig(
  config: Draft<WebhookClientConfig>,
  field: string,
  errors: FieldErrors,
): void {
  if ((config.url === undefined) === (config.service === undefined)) {
    errors.push(required(field, 'exactly one of url or service is required'));
    return;
  }
  if (config.url !== undefined) validateWebhookUrl(config.url, `${field}.url`, errors);
  const service = config.service;
  if (!service) return;
  if (!service.name) errors.push(required(`${field}.service.name`, 'service name is required'));
  if (!service.namespace) {
    errors.push(required(`${field}.service.namespace`, 'service namespace is required'));
  }
  expectPortNumber(service.port ?? 443, `${field}.service.port`, errors);
  if (service.path !== undefined && !service.path.startsWith('/')) {
    const text = `must start with a '/'`;
    errors.push(invalidValue(`${field}.service.path`, service.path, text));
  }
}

function validateWebhookUrl(url: string, field: string, errors: FieldErrors): void {
  const form = '; desired format: https://host[/path]';
  if (!URL.canParse(url)) {
    errors.push(required(field, `url must be a valid URL: cannot parse${form}`));
    return;
  }
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:') {
    const scheme = parsed.protocol.slice(0, -1);
    errors.push(invalidValue(field, scheme, `'https' is the only allowed URL scheme${form}`));
  }
  if (parsed.host === '') errors.push(invalidValue(field, '', `host must be specified${form}`));
  if (parsed.username !== '' || parsed.password !== '') {
    errors.push(
      invalidValue(field, parsed.username, 'user information is not permitted in the URL'),
    );
  }
  if (parsed.hash !== '') {
    errors.push(
      invalidValue(field, parsed.hash.slice(1), 'fragments are not permitted in the URL'),
    );
  }
  if (parsed.search !== '') {
    const text = 'query parameters are not permitted in the URL';
    errors.push(invalidValue(field, parsed.search.slice(1), text));
  }
}

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
    validateRule(rule, `${field}.resourceRules[${index}]`, errors);
  });
  match.excludeResourceRules?.forEach((rule, index) => {
    validateRule(rule, `${field}.excludeResourceRules[${index}]`, errors);
  });
}

/** The expressions themselves are compiled by whoever evaluates them. */
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
    const errors: FieldErrors = [];
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
    const errors: FieldErrors = [];
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

export const mutatingAdmissionPolicyRules: KindRules<ObjectDraft<MutatingAdmissionPolicy>> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (policy) => {
    policy.spec ??= {};
    policy.spec.failurePolicy ??= 'Fail';
    applyMatchDefaults(policy.spec.matchConstraints);
  },
  validate: (policy) => {
    const errors: FieldErrors = [];
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
    const errors: FieldErrors = [];
    validatePolicyName(binding.spec?.policyName, errors);
    validateParamRef(binding.spec?.paramRef, errors);
    validateMatch(binding.spec?.matchResources, 'spec.matchResources', errors);
    return errors;
  },
};
