import { type Draft, required, tooMany } from '@fairway/protocol';
import type { ContainerRestartRule } from '@fairway/kinds/core/v1';

import { expectOneOf, type FieldErrors } from '../field-checks.ts';

const rulesMax = 20;
const exitCodesMax = 255;

/**
 * What is wrong with when a container alone is started again: by its exit codes.
 * Source: v1 ContainerRestartRule; core validation, validateContainerRestartPolicy; KEP-5307.
 */
export function validateRestartRules(
  rules: readonly Draft<ContainerRestartRule>[],
  field: string,
  errors: FieldErrors,
): void {
  if (rules.length > rulesMax) errors.push(tooMany(field, rules.length, rulesMax));
  rules.forEach(({ action, exitCodes }, index) => {
    const path = `${field}[${index}]`;
    const actions = ['Restart', 'RestartAllContainers'];
    expectOneOf(action, { field: `${path}.action`, supported: actions }, errors);
    if (!exitCodes) {
      errors.push(required(`${path}.exitCodes`, 'must be specified'));
      return;
    }
    const supported = ['In', 'NotIn'];
    expectOneOf(exitCodes.operator, { field: `${path}.exitCodes.operator`, supported }, errors);
    const values = exitCodes.values ?? [];
    if (values.length === 0) errors.push(required(`${path}.exitCodes.values`));
    if (values.length > exitCodesMax) {
      errors.push(tooMany(`${path}.exitCodes.values`, values.length, exitCodesMax));
    }
  });
}
