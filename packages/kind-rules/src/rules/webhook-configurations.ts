import {
  checkDns1035Label,
  checkDnsSubdomain,
  type Draft,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '@fairway/kinds/admissionregistration/v1';

import { validateWithExpressions } from '../expressions/validate-with-expressions.ts';
import type { KindRules } from '../kind-rules.ts';
import { expectOptionalOneOf, expectUnique, FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { validateMatchConditions } from './validate-match-conditions.ts';
import { validateRuleWithOperations } from './validate-admission-rule.ts';
import { validateClientConfig } from './validate-client-config.ts';

type AnyWebhook = Draft<ValidatingWebhook> & Draft<MutatingWebhook>;

/**
 * Source: admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration; admissionregistration
 * validation.
 */
export const validatingWebhookConfigurationRules: KindRules<
  ObjectDraft<ValidatingWebhookConfiguration>
> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (configuration) => {
    for (const webhook of configuration.webhooks ?? []) applyWebhookDefaults(webhook);
  },
  validateInTurns: validateWithExpressions(({ webhooks = [] }) => validateWebhooks(webhooks)),
};

/**
 * Source: admissionregistration.k8s.io/v1 MutatingWebhookConfiguration; admissionregistration
 * validation.
 */
export const mutatingWebhookConfigurationRules: KindRules<
  ObjectDraft<MutatingWebhookConfiguration>
> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (configuration) => {
    for (const webhook of configuration.webhooks ?? []) {
      applyWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  validateInTurns: validateWithExpressions(({ webhooks = [] }) => validateWebhooks(webhooks)),
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

function validateWebhooks(webhooks: readonly AnyWebhook[]): FieldErrors {
  const errors = new FieldErrors();
  const names = new Set<string>();
  webhooks.forEach((webhook, index) => {
    const path = `webhooks[${index}]`;
    validateWebhook(webhook, path, errors);
    const name = webhook.name ?? '';
    if (name === '') return;
    expectUnique(names, { value: name, field: `${path}.name` }, errors);
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
  webhook.rules?.forEach((rule, index) =>
    validateRuleWithOperations(rule, `${path}.rules[${index}]`, errors),
  );
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
  const conditions = { field: `${path}.matchConditions` };
  validateMatchConditions(webhook.matchConditions ?? [], conditions, errors);
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
      return;
    }
    seen.add(version);
    const wrong = checkDns1035Label(version);
    if (wrong !== undefined) errors.push(invalidValue(`${field}[${index}]`, version, wrong));
  });
  if (!versions.includes('v1') && !versions.includes('v1beta1')) {
    errors.push(invalidValue(field, versions, 'must include at least one of v1, v1beta1'));
  }
}
