import { duplicate, invalidValue, tooMany } from '@fairway/protocol';

import { expectQualifiedName, type FieldErrors } from '../field-checks.ts';

const conditionsMax = 4;

/**
 * What is wrong with the conditions that say whether a device is ready for its pod, or never will be:
 * there are both or neither.
 * Source: resource.k8s.io/v1 Device; resource validation, validateDeviceBindingParameters; KEP-5007.
 */
export function validateBindingConditions(
  device: {
    readonly bindingConditions?: readonly string[];
    readonly bindingFailureConditions?: readonly string[];
  },
  field: string,
  errors: FieldErrors,
): void {
  const { bindingConditions: ready = [], bindingFailureConditions: failed = [] } = device;
  const readyField = `${field}.bindingConditions`;
  const failedField = `${field}.bindingFailureConditions`;
  const readySet = validateNames(ready, readyField, errors);
  validateNames(failed, failedField, errors);
  failed.forEach((condition, index) => {
    if (!readySet.has(condition)) return;
    const text = 'bindingFailureConditions must not overlap with bindingConditions';
    errors.push(invalidValue(`${failedField}[${index}]`, condition, text));
  });
  if (ready.length === 0 && failed.length > 0) {
    const text = 'bindingConditions are required to use bindingFailureConditions';
    errors.push(invalidValue(readyField, ready, text));
  }
  if (failed.length === 0 && ready.length > 0) {
    const text = 'bindingFailureConditions are required to use bindingConditions';
    errors.push(invalidValue(failedField, failed, text));
  }
}

function validateNames(
  names: readonly string[],
  field: string,
  errors: FieldErrors,
): ReadonlySet<string> {
  const seen = new Set<string>();
  if (names.length > conditionsMax) errors.push(tooMany(field, names.length, conditionsMax));
  else names.forEach((name, index) => expectQualifiedName(name, `${field}[${index}]`, errors));
  names.forEach((name, index) => {
    if (seen.has(name)) errors.push(duplicate(`${field}[${index}]`, name));
    seen.add(name);
  });
  return seen;
}
