import { type Draft, required, tooMany } from '@fairway/protocol';
import type { MatchCondition } from '@fairway/kinds/admissionregistration/v1';

import { expectQualifiedName, expectUnique, type FieldErrors } from '../field-checks.ts';

const conditionsMax = 64;

/**
 * What is wrong with the conditions under which a webhook or policy is asked at all.
 * Source: admissionregistration.k8s.io/v1 MatchCondition; KEP-3716.
 */
export function validateMatchConditions(
  conditions: readonly Draft<MatchCondition>[],
  { field, hasParams = false }: { readonly field: string; readonly hasParams?: boolean },
  errors: FieldErrors,
): void {
  if (conditions.length > conditionsMax) {
    errors.push(tooMany(field, conditions.length, conditionsMax));
  }
  const names = new Set<string>();
  conditions.forEach((condition, index) => {
    const path = `${field}[${index}]`;
    const expression = { field: `${path}.expression`, text: condition.expression?.trim() ?? '' };
    if (expression.text === '') errors.push(required(expression.field));
    else errors.judgeLater({ use: 'matchCondition', hasParams, ...expression });
    const name = condition.name ?? '';
    if (name === '') {
      errors.push(required(`${path}.name`));
      return;
    }
    expectQualifiedName(name, `${path}.name`, errors);
    expectUnique(names, { value: name, field: `${path}.name` }, errors);
  });
}
