import { runInTurns } from '@fairway/host';
import type { FieldError, KubernetesObject } from '@fairway/protocol';

import type { FieldErrors } from '../field-checks.ts';
import type { KindRules } from '../kind-rules.ts';

/**
 * Rules of a kind whose objects have expressions: these are compiled one after the other, and others
 * have their turn between them. The language is loaded with the first one, since most servers have none.
 * What is stored has been judged.
 */
export function validateWithExpressions<T extends KubernetesObject>(
  validate: (object: T) => FieldErrors,
): NonNullable<KindRules<T>['validateInTurns']> {
  return async (object, stored): Promise<readonly FieldError[]> => {
    const found = validate(object);
    const isNew = stored === undefined || textsOf(found) !== textsOf(validate(stored));
    if (found.expressions.length === 0 || !isNew) return found;
    const { judgeExpressions } = await import('./judge-expressions.ts');
    return runInTurns(judgeExpressions(found));
  };
}

function textsOf({ expressions }: FieldErrors): string {
  return JSON.stringify(expressions.map(({ expression }) => ({ ...expression, field: '' })));
}

/** The same for what is looked at once, since it never changes. */
export function validateNewWithExpressions<T extends KubernetesObject>(
  validate: (object: T) => FieldErrors,
): NonNullable<KindRules<T>['validateInTurns']> {
  const validateNew = validateWithExpressions(validate);
  return async (object, stored, warn) =>
    stored === undefined ? validateNew(object, stored, warn) : [];
}
