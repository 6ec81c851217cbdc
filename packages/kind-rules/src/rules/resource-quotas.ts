import {
  checkDnsSubdomain,
  equalsJson,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { ResourceQuota } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  type Amounts,
  expectQuotaResourceName,
  isStandardQuotaResource,
  validateResourceAmount,
} from './compute-resources.ts';
import { FieldErrors, immutableText } from '../field-checks.ts';
import { scopeNames } from '../quotas/evaluator.ts';
import { statusRules } from './status-subresource.ts';

type QuotaDraft = ObjectDraft<ResourceQuota>;

/** Source: v1 ResourceQuota; core validation, ValidateResourceQuota. */
export const resourceQuotaRules: KindRules<QuotaDraft> = {
  checkName: checkDnsSubdomain,
  deletion: { answersObject: true },
  applyDefaults: (quota) => {
    quota.spec ??= {};
  },
  ...statusRules<QuotaDraft>(() => ({})),
  validate: validateQuota,
  validateUpdate: (quota, stored) => {
    const scopes = [...(quota.spec?.scopes ?? [])].sort();
    if (equalsJson(scopes, [...(stored.spec?.scopes ?? [])].sort())) return [];
    return [invalidValue('spec.scopes', quota.spec?.scopes ?? [], immutableText)];
  },
};

const scopePairs = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

function validateQuota(quota: QuotaDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = quota.spec ?? {};
  validateQuotaAmounts(spec.hard ?? {}, 'spec.hard', errors);
  const given: readonly string[] = spec.scopes ?? [];
  const hard = standardNames(spec.hard);
  for (const scope of given) {
    if (!scopeNames.includes(scope)) {
      errors.push(invalidValue('spec.scopes', given, 'unsupported scope'));
    }
    expectScopedResources({ scope, hard }, { field: 'spec.scopes', value: given }, errors);
  }
  expectNoConflict(given, { field: 'spec.scopes', value: given }, errors);
  validateScopeSelector(quota, errors);
  validateQuotaAmounts(quota.status?.hard ?? {}, 'status.hard', errors);
  validateQuotaAmounts(quota.status?.used ?? {}, 'status.used', errors);
  return errors;
}

/** Of all that is limited, what Kubernetes itself counts: a few names only. */
function standardNames(hard: Amounts = {}): readonly string[] {
  return Object.keys(hard).filter(isStandardQuotaResource).sort();
}

const podAmounts: ReadonlySet<string> = new Set([
  'pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);
const claimAmounts: ReadonlySet<string> = new Set(['persistentvolumeclaims', 'requests.storage']);

/** A scope counts some objects only, so a quota with it may limit only what those use. */
function expectScopedResources(
  { scope, hard }: { readonly scope: string; readonly hard: readonly string[] },
  { field, value }: { readonly field: string; readonly value: unknown },
  errors: FieldErrors,
): void {
  if (!scopeNames.includes(scope)) return;
  const isCounted = (name: string): boolean => {
    if (scope === 'BestEffort') return name === 'pods';
    return (scope === 'VolumeAttributesClass' ? claimAmounts : podAmounts).has(name);
  };
  for (const name of hard) {
    if (isCounted(name)) continue;
    errors.push(invalidValue(field, value, 'unsupported scope applied to resource'));
  }
}

function validateQuotaAmounts(amounts: Amounts, field: string, errors: FieldErrors): void {
  for (const [name, amount] of Object.entries(amounts)) {
    const path = `${field}[${name}]`;
    expectQuotaResourceName(name, path, errors);
    validateResourceAmount({ name, amount: amount ?? '0', field: path }, errors);
  }
}

function expectNoConflict(
  given: readonly string[],
  { field, value }: { readonly field: string; readonly value: unknown },
  errors: FieldErrors,
): void {
  for (const [one, other] of scopePairs) {
    if (given.includes(one) && given.includes(other)) {
      errors.push(invalidValue(field, value, 'conflicting scopes'));
    }
  }
}

function validateScopeSelector(quota: QuotaDraft, errors: FieldErrors): void {
  const field = 'spec.scopeSelector.matchExpressions';
  const requirements = quota.spec?.scopeSelector?.matchExpressions ?? [];
  const hard = standardNames(quota.spec?.hard);
  for (const { scopeName = '', operator = '', values = [] } of requirements) {
    if (!scopeNames.includes(scopeName)) {
      errors.push(invalidValue(`${field}.scopeName`, scopeName, 'unsupported scope'));
    }
    const value = quota.spec?.scopeSelector;
    expectScopedResources({ scope: scopeName, hard }, { field, value }, errors);
    const isPlain = scopeNames.includes(scopeName) && !scopeName.endsWith('Class');
    if (isPlain && operator !== 'Exists') {
      const text =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
      errors.push(invalidValue(`${field}.operator`, operator, text));
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        const text =
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
        errors.push(required(`${field}.values`, text));
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const text =
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
        errors.push(invalidValue(`${field}.values`, values, text));
      }
    } else {
      errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'));
    }
  }
  const given = requirements.map((requirement) => requirement.scopeName ?? '');
  expectNoConflict(given, { field: 'spec.scopes', value: quota.spec?.scopes ?? [] }, errors);
}
