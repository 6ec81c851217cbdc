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
} from '@fairway/protocol';
import type { LimitRange, LimitRangeItem } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import { compareAmounts, shareOf } from './amounts.ts';
import {
  expectContainerResourceName,
  expectResourceName,
  isOvercommitAllowed,
} from './compute-resources.ts';
import { FieldErrors } from '../field-checks.ts';

type LimitRangeDraft = ObjectDraft<LimitRange>;

/**
 * For containers a maximum is the default limit too, and the default limit the default request.
 * Source: v1 LimitRange; core validation, ValidateLimitRange.
 */
export const limitRangeRules: KindRules<LimitRangeDraft> = {
  checkName: checkDnsSubdomain,
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
  addMissing(requests, limits);
  addMissing(requests, item.min);
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
  if (ratio !== undefined && min !== undefined && max !== undefined) {
    const largest = shareOf(max, min);
    if (shareOf(ratio, '1') > largest) {
      const text = `ratio ${ratio} is greater than max/min = ${largest.toFixed(6)}`;
      errors.push(invalidValue(`${path}.maxLimitRequestRatio[${name}]`, ratio, text));
    }
  }
  if (limit === undefined || request === undefined || isOvercommitAllowed(name)) return;
  if (compareAmounts(limit, request) !== 0) {
    const text = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    errors.push(invalidValue(`${path}.defaultRequest[${name}]`, request, text));
  }
}
