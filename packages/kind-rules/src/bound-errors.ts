import { type FieldError, forbiddenField, type KubernetesObject } from '@fairway/protocol';

import { TooManyErrors } from './field-checks.ts';
import type { KindRules } from './kind-rules.ts';

/** The same rules, each of which reports no more than `fieldErrorsMax` errors and stops there. */
export function boundErrors<T extends KubernetesObject>(rules: KindRules<T>): KindRules<T> {
  const { validate, validateInTurns, validateCreate, validateUpdate, validateSubresource } = rules;
  return {
    ...rules,
    ...(validate && {
      validate: (object, stored) => collectErrors(() => validate(object, stored)),
    }),
    ...(validateInTurns && {
      validateInTurns: (object, stored, warn) =>
        validateInTurns(object, stored, warn).catch(errorsOf),
    }),
    ...(validateCreate && {
      validateCreate: (object) => collectErrors(() => validateCreate(object)),
    }),
    ...(validateUpdate && {
      validateUpdate: (object, stored) => collectErrors(() => validateUpdate(object, stored)),
    }),
    ...(validateSubresource && {
      validateSubresource: Object.fromEntries(
        Object.entries(validateSubresource).map(([name, check]) => [
          name,
          (object: T, stored: T) => collectErrors(() => check(object, stored)),
        ]),
      ),
    }),
  };
}

/** All that a check finds wrong; when that is too much, what it found first and that there is more. */
export function collectErrors(check: () => readonly FieldError[]): readonly FieldError[] {
  try {
    return [...check()];
  } catch (error) {
    return errorsOf(error);
  }
}

function errorsOf(error: unknown): readonly FieldError[] {
  if (!(error instanceof TooManyErrors)) throw error;
  // What is said of the object as a whole has no field, which Go prints as `<nil>`.
  return [...error.errors, forbiddenField('<nil>', error.message)];
}
