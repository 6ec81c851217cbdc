import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkPathSegment,
  qualifiedNameErrors,
  duplicate,
  type FieldError,
  invalidValue,
  required,
  unsupported,
  equalsJson,
} from '@fairway/protocol';

import type { PlacedExpression, WrittenExpression } from './expressions/written-expression.ts';
import { portNameProblems } from './string-formats.ts';

/** The most errors that one rule reports of one object: more than an answer has room for. */
const fieldErrorsMax = 1_000;

/**
 * Where checks leave what they find. One error more than is reported ends the whole check, however
 * much of the object it has still to look at, by throwing `TooManyErrors`; see `bound-errors.ts`.
 */
export class FieldErrors extends Array<FieldError> {
  /** What is made of them is a plain array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  #room = fieldErrorsMax;
  /** What must be compiled to be judged; see `expressions/validate-with-expressions.ts`. */
  readonly expressions: PlacedExpression[] = [];

  /** Leaves an expression to be judged, at this place among the errors. */
  judgeLater(expression: WrittenExpression): void {
    this.expressions.push({ expression, after: this.length });
  }

  override push(...found: readonly FieldError[]): number {
    for (const error of found) {
      if (this.#room === 0) throw new TooManyErrors(this);
      this.#room -= 1;
      super.push(error);
    }
    return this.length;
  }
}

/** Ends a check that found more than is reported. */
export class TooManyErrors extends Error {
  readonly errors: FieldErrors;

  constructor(errors: FieldErrors) {
    super(
      `more than fieldErrorsMax (${fieldErrorsMax}) values are wrong; the rest was not looked at`,
    );
    this.errors = errors;
  }
}

export const immutableText = 'field is immutable';
export const negativeText = 'must be greater than or equal to 0';
const portRangeText = 'must be between 1 and 65535, inclusive';

/** Source: API reference, "Object Names and IDs"; apimachinery, util/validation. */
export function expectDnsLabel(value: string, field: string, errors: FieldErrors): void {
  const wrong = checkDnsLabel(value);
  if (wrong !== undefined) errors.push(invalidValue(field, value, wrong));
}

export function expectDnsSubdomain(value: string, field: string, errors: FieldErrors): void {
  const wrong = checkDnsSubdomain(value);
  if (wrong !== undefined) errors.push(invalidValue(field, value, wrong));
}

/** A name that is one segment of a path. */
export function expectPathSegment(value: string, field: string, errors: FieldErrors): void {
  const wrong = checkPathSegment(value);
  if (wrong !== undefined) errors.push(invalidValue(field, value, wrong));
}

export function expectQualifiedName(value: string, field: string, errors: FieldErrors): void {
  expectNoneOf(qualifiedNameErrors(value), { value, field }, errors);
}

/** One error for each thing that is wrong with a value. */
export function expectNoneOf(
  problems: readonly string[],
  { value, field }: { readonly value: unknown; readonly field: string },
  errors: FieldErrors,
): void {
  for (const problem of problems) errors.push(invalidValue(field, value, problem));
}

/** Keys and values of labels, all reported at the map's own field. */
export function expectLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!labels) return;
  for (const key of Object.keys(labels)) {
    expectQualifiedName(key, field, errors);
    const value = labels[key] ?? '';
    const wrong = checkLabelValue(value);
    if (wrong !== undefined) errors.push(invalidValue(field, value, wrong));
  }
}

export function expectNonNegative(
  value: number | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (value !== undefined && value !== null && value < 0) {
    errors.push(invalidValue(field, value, negativeText));
  }
}

/** One error for each of some fields that is missing, or empty. */
export function expectPresent<T extends object>(
  holder: T,
  names: readonly (keyof T & string)[],
  { field }: { readonly field: string },
  errors: FieldErrors,
): void {
  for (const name of names) {
    const value = holder[name];
    if (Array.isArray(value) ? value.length === 0 : !value)
      errors.push(required(`${field}.${name}`));
  }
}

export function expectPortNumber(
  value: number | undefined,
  field: string,
  errors: FieldErrors,
): void {
  const port = value ?? 0;
  if (port < 1 || port > 65535) errors.push(invalidValue(field, port, portRangeText));
}

/** A port by number or by IANA name. */
export function expectPortOrName(
  value: number | string | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (typeof value !== 'string') return expectPortNumber(value, field, errors);
  expectNoneOf(portNameProblems(value), { value, field }, errors);
}

/** Required, and one of a few words. */
export function expectOneOf(
  value: string | undefined,
  { field, supported }: { readonly field: string; readonly supported: readonly string[] },
  errors: FieldErrors,
): void {
  if (!value) errors.push(required(field));
  else if (!supported.includes(value)) errors.push(unsupported(field, value, supported));
}

/** One of a few words when given at all. */
export function expectOptionalOneOf(
  value: string | undefined,
  { field, supported }: { readonly field: string; readonly supported: readonly string[] },
  errors: FieldErrors,
): void {
  if (value !== undefined && value !== null && !supported.includes(value)) {
    errors.push(unsupported(field, value, supported));
  }
}

export function expectUnique(
  seen: Set<string>,
  { value, field }: { readonly value: string; readonly field: string },
  errors: FieldErrors,
): void {
  if (seen.has(value)) errors.push(duplicate(field, value));
  else seen.add(value);
}

/** Reports a changed value that may never change. */
export function expectImmutable(
  {
    value,
    stored,
    field,
  }: { readonly value: unknown; readonly stored: unknown; readonly field: string },
  errors: FieldErrors,
): void {
  if (!equalsJson(value, stored)) {
    errors.push(invalidValue(field, value ?? null, immutableText));
  }
}

const percentPattern = /^[0-9]+%$/;

/** A count or a percentage: not negative, `n%` when it is text. */
export function expectCountOrPercent(
  value: number | string | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (typeof value === 'string') {
    if (!percentPattern.test(value)) {
      errors.push(
        invalidValue(
          field,
          value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ),
      );
    }
    return;
  }
  expectNonNegative(value, field, errors);
}

/** The number in `25%`, or undefined for a plain count. */
export function percentOf(value: number | string | undefined): number | undefined {
  return typeof value === 'string' && percentPattern.test(value)
    ? Number(value.slice(0, -1))
    : undefined;
}

/** A percentage over a hundred makes no sense where a share of the whole is meant. */
export function expectAtMostWhole(
  value: number | string | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if ((percentOf(value) ?? 0) > 100) {
    errors.push(invalidValue(field, value, 'must not be greater than 100%'));
  }
}
