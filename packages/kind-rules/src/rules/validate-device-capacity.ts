import {
  type Draft,
  duplicate,
  forbiddenField,
  invalidValue,
  required,
  tooMany,
} from '@fairway/protocol';
import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  DeviceCapacity,
} from '@fairway/kinds/resource/v1';

import {
  canonicalAmount,
  compareAmounts,
  isPositiveAmount,
  isWholeSteps,
  sumOfAmounts,
} from './amounts.ts';
import type { FieldErrors } from '../field-checks.ts';

const validValuesMax = 10;

/**
 * What is wrong with how much of something a device has, and how much of it one claim may take when
 * several share it.
 * Source: resource.k8s.io/v1 DeviceCapacity; resource validation, validateRequestPolicy; KEP-5075.
 */
export function validateDeviceCapacity(
  capacity: Draft<DeviceCapacity>,
  { field, isShared }: { readonly field: string; readonly isShared: boolean },
  errors: FieldErrors,
): void {
  const policy = capacity.requestPolicy;
  if (!policy) return;
  const path = `${field}.requestPolicy`;
  if (!isShared) {
    errors.push(forbiddenField(path, 'allowMultipleAllocations must be true'));
    return;
  }
  const { validValues = [], validRange } = policy;
  if (validValues.length > 0 && validRange) {
    const text =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    errors.push(forbiddenField(path, text));
    return;
  }
  const most = capacity.value ?? '0';
  if (validValues.length > 0) validateValues(policy, { path, most }, errors);
  else if (validRange) {
    if (policy.default === undefined) {
      errors.push(required(`${path}.default`, 'required when validRange is defined'));
      return;
    }
    const amounts = { most, usual: policy.default };
    validateRange(validRange, { ...amounts, field: `${path}.validRange` }, errors);
  }
}

function validateValues(
  { default: usual, validValues = [] }: Draft<CapacityRequestPolicy>,
  { path, most }: { readonly path: string; readonly most: string },
  errors: FieldErrors,
): void {
  if (usual === undefined) {
    errors.push(required(`${path}.default`, 'required when validValues is defined'));
    return;
  }
  const field = `${path}.validValues`;
  if (validValues.length > validValuesMax) {
    errors.push(tooMany(field, validValues.length, validValuesMax));
    return;
  }
  const seen = new Set<string>();
  validValues.forEach((value, index) => {
    const place = `${field}[${index}]`;
    const before = validValues[index - 1];
    if (before !== undefined && compareAmounts(before, value) > 0) {
      errors.push(invalidValue(place, value, 'values must be sorted in ascending order'));
    }
    if (compareAmounts(value, most) > 0) {
      errors.push(invalidValue(place, value, `option is larger than capacity value: ${most}`));
    }
    const amount = canonicalAmount(value);
    if (seen.has(amount)) errors.push(duplicate(place, amount));
    seen.add(amount);
  });
  if (seen.has(canonicalAmount(usual))) return;
  const text = 'default value is not valid according to the requestPolicy';
  errors.push(invalidValue(field, usual, text));
}

interface RangePlace {
  readonly field: string;
  /** All that there is. */
  readonly most: string;
  /** What a claim gets that does not say how much. */
  readonly usual: string;
}

function validateRange(
  { min, max, step }: Draft<CapacityRequestPolicyRange>,
  { field, most, usual }: RangePlace,
  errors: FieldErrors,
): void {
  if (min === undefined) {
    errors.push(required(`${field}.min`, 'required when validRange is defined'));
    return;
  }
  const expectAtMost = (
    pair: readonly [string, string],
    error: readonly [string, string, string],
  ) => {
    if (compareAmounts(...pair) <= 0) return;
    const [name, value, text] = error;
    errors.push(invalidValue(`${field}.${name}`, value, text));
  };
  expectAtMost([min, most], ['min', min, `min is larger than capacity value: ${most}`]);
  expectAtMost([min, usual], ['default', usual, `default is less than min: ${min}`]);
  if (max !== undefined) {
    expectAtMost([min, max], ['max', min, `min is larger than max: ${max}`]);
    expectAtMost([max, most], ['max', max, `max is larger than capacity value: ${most}`]);
    expectAtMost([usual, max], ['default', usual, `default is more than max: ${max}`]);
  }
  if (step === undefined) return;
  if (!isPositiveAmount(step)) {
    errors.push(invalidValue(`${field}.step`, step, 'must be greater than zero'));
    return;
  }
  const next = sumOfAmounts(min, step);
  expectAtMost(
    [next, most],
    ['step', step, `one step ${next} is larger than capacity value: ${most}`],
  );
  for (const value of max === undefined ? [usual] : [usual, max]) {
    if (isWholeSteps(value, { from: min, step })) continue;
    const text = `value is not a multiple of a given step (${step}) from (${min})`;
    errors.push(invalidValue(`${field}.step`, value, text));
  }
}
