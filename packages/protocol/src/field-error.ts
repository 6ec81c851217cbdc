import { stringifyJson } from './json-text.ts';

/** One thing wrong with one field. Source: apimachinery, util/validation/field. */
export interface FieldError {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueNotFound'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'InternalError';
  /** As the API writes it: `spec.containers[0].image`. */
  readonly field: string;
  readonly value?: unknown;
  readonly detail: string;
}

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, detail };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, value, detail };
}

export function wrongType(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueTypeInvalid', field, value, detail };
}

export function unsupported(
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const list = supported.map((each) => JSON.stringify(each)).join(', ');
  return { reason: 'FieldValueNotSupported', field, value, detail: `supported values: ${list}` };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, value, detail: '' };
}

export function missing(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', field, value, detail: '' };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, detail };
}

export function tooLong(field: string, charactersMax: number): FieldError {
  return {
    reason: 'FieldValueTooLong',
    field,
    detail: `may not be more than ${charactersMax} byte${charactersMax === 1 ? '' : 's'}`,
  };
}

export function tooMany(field: string, count: number, countMax: number): FieldError {
  const detail = `must have at most ${countMax} item${countMax === 1 ? '' : 's'}`;
  return { reason: 'FieldValueTooMany', field, value: count, detail };
}

const prefixes: Readonly<Record<FieldError['reason'], string>> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueNotFound: 'Not found',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

/** `spec.port: Invalid value: 99999: must be between 1 and 65535, inclusive`, as the API words it. */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${describeFieldError(error)}`;
}

/** The same without the field. */
export function describeFieldError(error: FieldError): string {
  const value = error.value === undefined ? '' : `: ${textOf(error.value)}`;
  const detail = error.detail === '' ? '' : `: ${error.detail}`;
  return `${prefixes[error.reason]}${value}${detail}`;
}

/** As Go writes JSON: within objects and lists, signs of HTML are escaped. */
function textOf(value: unknown): string {
  const text = stringifyJson(value) ?? 'null';
  if (typeof value !== 'object') return text;
  return text.replaceAll(/[<>&\u2028\u2029]/g, (found) => {
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
