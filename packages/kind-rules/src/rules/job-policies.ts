import {
  type Draft,
  duplicate,
  invalidValue,
  required,
  tooMany,
  unsupported,
} from '@fairway/protocol';
import type { JobSpec } from '@fairway/kinds/batch/v1';

import { expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';

const rulesMax = 20;

/**
 * What is wrong with how a job takes failures, successes and replacements of its pods. With a
 * failure policy pods are replaced only when they have failed.
 * Source: batch validation; KEP-3329 (failures), KEP-3998 (success), KEP-3939 (replacement).
 */
export function validateJobPolicies(
  spec: Draft<JobSpec>,
  field: string,
  errors: FieldErrors,
): void {
  if (spec.podFailurePolicy) validateFailurePolicy(spec, `${field}.podFailurePolicy`, errors);
  if (spec.successPolicy) validateSuccessPolicy(spec, `${field}.successPolicy`, errors);
  const supported = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  const place = { field: `${field}.podReplacementPolicy`, supported };
  expectOptionalOneOf(spec.podReplacementPolicy, place, errors);
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

function validateFailurePolicy(spec: Draft<JobSpec>, field: string, errors: FieldErrors): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const names = new Set(
    [
      ...(spec.template?.spec?.containers ?? []),
      ...(spec.template?.spec?.initContainers ?? []),
    ].map((container) => container.name),
  );
  if (rules.length > rulesMax) errors.push(tooMany(`${field}.rules`, rules.length, rulesMax));
  rules.forEach((rule, index) => {
    const path = `${field}.rules[${index}]`;
    const action: string = rule.action ?? '';
    if (action === '') {
      errors.push(
        required(
          `${path}.action`,
          `valid values: ${actions.map((each) => JSON.stringify(each)).join(', ')}`,
        ),
      );
    } else if (!actions.includes(action)) {
      errors.push(unsupported(`${path}.action`, action, actions));
    } else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
      errors.push(
        invalidValue(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'),
      );
    }
    if (rule.onExitCodes && rule.onPodConditions?.length) {
      const text = 'specifying both OnExitCodes and OnPodConditions is not supported';
      errors.push(invalidValue(path, '', text));
    }
    if (!rule.onExitCodes && !rule.onPodConditions?.length) {
      const text = 'specifying one of OnExitCodes and OnPodConditions is required';
      errors.push(invalidValue(path, '', text));
    }
    const container = rule.onExitCodes?.containerName;
    if (container !== undefined && !names.has(container)) {
      const text = 'must be one of the container or initContainer names in the pod template';
      errors.push(invalidValue(`${path}.onExitCodes.containerName`, container, text));
    }
    if (rule.onExitCodes) validateExitCodes(rule.onExitCodes, `${path}.onExitCodes`, errors);
  });
}

function validateExitCodes(
  codes: { readonly operator?: string; readonly values?: readonly number[] },
  field: string,
  errors: FieldErrors,
): void {
  const operator = codes.operator ?? '';
  if (operator === '') errors.push(required(`${field}.operator`, 'valid values: "In", "NotIn"'));
  else if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(unsupported(`${field}.operator`, operator, ['In', 'NotIn']));
  }
  const values = codes.values ?? [];
  if (values.length === 0) {
    errors.push(invalidValue(`${field}.values`, values, 'at least one value is required'));
  }
  const seen = new Set<number>();
  values.forEach((value, index) => {
    const path = `${field}.values[${index}]`;
    if (seen.has(value)) errors.push(duplicate(path, value));
    seen.add(value);
    if (operator === 'In' && value === 0) {
      errors.push(invalidValue(path, value, 'must not be 0 for the In operator'));
    }
  });
}

function validateSuccessPolicy(spec: Draft<JobSpec>, field: string, errors: FieldErrors): void {
  if (spec.completionMode !== 'Indexed') {
    const text = 'requires indexed completion mode';
    errors.push(invalidValue(field, spec.successPolicy, text));
  }
  const rules = spec.successPolicy?.rules ?? [];
  if (rules.length === 0) {
    errors.push(
      required(
        `${field}.rules`,
        'at least one rules must be specified when the successPolicy is specified',
      ),
    );
  }
  if (rules.length > rulesMax) errors.push(tooMany(`${field}.rules`, rules.length, rulesMax));
  rules.forEach((rule, index) => {
    if (rule.succeededCount === undefined && rule.succeededIndexes === undefined) {
      const text = 'at least one of succeededCount or succeededIndexes must be specified';
      errors.push(required(`${field}.rules[${index}]`, text));
    }
  });
}
