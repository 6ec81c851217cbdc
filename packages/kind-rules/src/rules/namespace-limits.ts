import {
  checkDnsSubdomain,
  checkQualifiedName,
  type Draft,
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  equalsJson,
} from '@fairway/protocol';
import type { LimitRange, LimitRangeItem, ResourceQuota } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { compareAmounts } from './amounts.ts';
import {
  type Amounts,
  expectContainerResourceName,
  expectQuotaResourceName,
  expectResourceName,
  isOvercommitAllowed,
  validateResourceAmount,
} from './compute-resources.ts';
import { FieldErrors, immutableText } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';

type LimitRangeDraft = ObjectDraft<LimitRange>;
type QuotaDraft = ObjectDraft<ResourceQuota>;

/**
 * For containers a maximum is the default limit too, and the default limit the default request.
 * Source: v1 LimitRange; core validation, ValidateLimitRange.
 */
export const limitRangeRules: KindRules<LimitRangeDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: false,
  applyDefaults: (range) => {
    range.spec ??= {};
    for (const item of range.spec.limits ?? []) {
      if (item.type === 'Container') applyContainerLimitDefaults(item);
    }
  },
  validate: validateLimitRange,
};

function applyContainerLimitDefaults(item: Draft<LimitRangeItem>): void {
  const limits = item.default ?? {};
  addMissing(limits, item.max);
  const requests = item.defaultRequest ?? {};
  addMissing(requests, item.min);
  addMissing(requests, limits);
  if (isEmpty(limits)) delete item.default;
  else item.default = limits;
  if (isEmpty(requests)) delete item.defaultRequest;
  else item.defaultRequest = requests;
}

/** In place: copying many amounts takes longer than looking which of them are missing. */
function addMissing(amounts: Record<string, string>, from: Record<string, string> = {}): void {
  for (const name of Object.keys(from)) amounts[name] ??= from[name] ?? '';
}

function isEmpty(amounts: object): boolean {
  return Object.keys(amounts).length === 0;
}

function validateLimitRange(range: LimitRangeDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const types = new Set<string>();
  range.spec?.limits?.forEach((item, index) => {
    const path = `spec.limits[${index}]`;
    const type = item.type ?? '';
    expectLimitType(type, `${path}.type`, errors);
    if (types.has(type)) errors.push(duplicate(`${path}.type`, type));
    types.add(type);
    validateLimitNames(item, path, errors);
    const names = new Set([
      ...Object.keys(item.max ?? {}),
      ...Object.keys(item.min ?? {}),
      ...Object.keys(item.default ?? {}),
      ...Object.keys(item.defaultRequest ?? {}),
      ...Object.keys(item.maxLimitRequestRatio ?? {}),
    ]);
    for (const name of names) validateLimitOrder(item, { name, path }, errors);
  });
  return errors;
}

function expectLimitType(type: string, field: string, errors: FieldErrors): void {
  const wrong = checkQualifiedName(type);
  if (wrong !== undefined) errors.push(invalidValue(field, type, wrong));
  else if (!type.includes('/') && !['Pod', 'Container', 'PersistentVolumeClaim'].includes(type)) {
    errors.push(invalidValue(field, type, 'must be a standard limit type or fully qualified'));
  }
}

function validateLimitNames(item: Draft<LimitRangeItem>, path: string, errors: FieldErrors): void {
  const isCompute = item.type === 'Pod' || item.type === 'Container';
  const checkName = isCompute ? expectContainerResourceName : expectResourceName;
  for (const list of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const) {
    const names = Object.keys(item[list] ?? {});
    if (item.type === 'Pod' && list.startsWith('default')) {
      if (names.length > 0) {
        errors.push(forbiddenField(`${path}.${list}`, "may not be specified when `type` is 'Pod'"));
      }
      continue;
    }
    for (const name of names) checkName(name, `${path}.${list}[${name}]`, errors);
  }
  if (item.type !== 'PersistentVolumeClaim') return;
  if (item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
    const text = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(`${path}.limits`, text));
  }
}

function validateLimitOrder(
  item: Draft<LimitRangeItem>,
  { name, path }: { readonly name: string; readonly path: string },
  errors: FieldErrors,
): void {
  const min = item.min?.[name];
  const max = item.max?.[name];
  const limit = item.default?.[name];
  const request = item.defaultRequest?.[name];
  const ratio = item.maxLimitRequestRatio?.[name];
  const expectOrder = (pair: {
    readonly low: readonly [string, string | undefined];
    readonly high: readonly [string, string | undefined];
    readonly list: string;
    readonly value: string | undefined;
  }): void => {
    const [lowWord, low] = pair.low;
    const [highWord, high] = pair.high;
    if (low === undefined || high === undefined || compareAmounts(low, high) <= 0) return;
    const text = `${lowWord} value ${low} is greater than ${highWord} value ${high}`;
    errors.push(invalidValue(`${path}.${pair.list}[${name}]`, pair.value, text));
  };
  expectOrder({ low: ['min', min], high: ['max', max], list: 'min', value: min });
  expectOrder({
    low: ['min', min],
    high: ['default request', request],
    list: 'defaultRequest',
    value: request,
  });
  expectOrder({
    low: ['default request', request],
    high: ['max', max],
    list: 'defaultRequest',
    value: request,
  });
  expectOrder({
    low: ['default request', request],
    high: ['default limit', limit],
    list: 'defaultRequest',
    value: request,
  });
  expectOrder({ low: ['min', min], high: ['default', limit], list: 'default', value: min });
  expectOrder({ low: ['default', limit], high: ['max', max], list: 'default', value: max });
  if (ratio !== undefined && compareAmounts(ratio, '1') < 0) {
    const text = `ratio ${ratio} is less than 1`;
    errors.push(invalidValue(`${path}.maxLimitRequestRatio[${name}]`, ratio, text));
  }
  if (limit === undefined || request === undefined || isOvercommitAllowed(name)) return;
  if (compareAmounts(limit, request) !== 0) {
    const text = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    errors.push(invalidValue(`${path}.defaultRequest[${name}]`, request, text));
  }
}

/** Source: v1 ResourceQuota; core validation, ValidateResourceQuota. */
export const resourceQuotaRules: KindRules<QuotaDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: false,
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

const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
const scopePairs = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

function validateQuota(quota: QuotaDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = quota.spec ?? {};
  validateQuotaAmounts(spec.hard ?? {}, 'spec.hard', errors);
  const given: readonly string[] = spec.scopes ?? [];
  for (const scope of given) {
    if (!scopes.includes(scope)) {
      errors.push(invalidValue('spec.scopes', given, 'unsupported scope'));
    }
  }
  expectNoConflict(given, { field: 'spec.scopes', value: given }, errors);
  validateScopeSelector(quota, errors);
  validateQuotaAmounts(quota.status?.hard ?? {}, 'status.hard', errors);
  validateQuotaAmounts(quota.status?.used ?? {}, 'status.used', errors);
  return errors;
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
  for (const { scopeName = '', operator = '', values = [] } of requirements) {
    if (!scopes.includes(scopeName)) {
      errors.push(invalidValue(`${field}.scopeName`, scopeName, 'unsupported scope'));
    }
    const isPlain = scopes.includes(scopeName) && !scopeName.endsWith('Class');
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
