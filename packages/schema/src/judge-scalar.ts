import {
  type FieldError,
  type Schema,
  type SchemaConstraints,
  invalidValue,
  tooLong,
  wrongType,
} from '@fairway/protocol';
import { madeEnumValues } from './enum-values.ts';
import { type Judgement, type PlacedValue, fieldAt, noField, typesOf } from './judgement.ts';
import { type CompiledPattern, compileInTurns } from '@fairway/cel/patterns';
import { formatCheck, isKnownFormat } from './formats/value-formats.ts';
import type { Walk } from './walk.ts';

export function judgeType({ value, path }: PlacedValue, schema: Schema, found: Judgement): void {
  const wanted = typesOf(schema);
  if (wanted.length === 0) return;
  const actual = typeOf(value);
  if (value === null ? schema.isNullable === true : wanted.includes(actual)) return;
  if (actual === 'integer' && wanted.includes('number')) return;
  const format = formatAsked(value, schema);
  const [expected, told] =
    format === undefined ? [wanted.join(','), actual] : [format, formatOf(value)];
  const text = `${path} in body must be of type ${expected}: ${JSON.stringify(told)}`;
  found.add(wrongType(fieldAt(path), told, text));
}

/** Where a schema asks for a format, that is what messages tell of; not of what text or a list is. */
function formatAsked(value: unknown, { type, format }: Schema): string | undefined {
  if (value === null || typeof value === 'string' || Array.isArray(value)) return undefined;
  return format !== undefined && isKnownFormat(format, type) ? format : undefined;
}

function formatOf(value: unknown): string {
  if (typeof value === 'bigint') return 'int64';
  if (typeof value !== 'number') return '';
  return Number.isInteger(value) ? 'int64' : 'float64';
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** All that limits a string, save its pattern. */
export function judgeLength(
  value: string,
  { path }: PlacedValue,
  { schema, found }: { readonly schema: Schema; readonly found: Judgement },
): void {
  const { maxLength, minLength } = schema.constraints ?? {};
  if (maxLength === undefined && minLength === undefined) return;
  found.effort.add(value.length);
  const length = lengthOf(value);
  if (maxLength !== undefined && length > maxLength) found.add(tooLong(fieldAt(path), maxLength));
  if (minLength !== undefined && length < minLength) {
    const text = `${path} in body should be at least ${minLength} chars long`;
    found.add(invalidValue(fieldAt(path), value, text));
  }
}

/** In characters, of which some take two places in a string. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    if ((text.codePointAt(at) ?? 0) <= 0xffff) continue;
    length--;
    at++;
  }
  return length;
}

export function* judgePattern(
  value: string,
  { path }: PlacedValue,
  { constraints, found }: { readonly constraints: SchemaConstraints; readonly found: Judgement },
): Walk<void> {
  const { pattern } = constraints;
  if (pattern === undefined) return;
  const compiled = yield* patternOf(constraints, pattern);
  let isMatch: boolean | undefined = false;
  if (compiled.kind === 'compiled') {
    const search = compiled.pattern.search(value, found.effort);
    while ((isMatch = search.goOn()) === undefined) yield;
  }
  if (isMatch) return;
  // A definition that an older server stored may have one that RE2 does not read.
  const why = compiled.kind === 'malformed' ? `, but pattern is invalid: ${compiled.problem}` : '';
  found.add(invalidValue(fieldAt(path), value, `${path} in body should match '${pattern}${why}'`));
}

const patterns = new WeakMap<SchemaConstraints, CompiledPattern>();

/** Compiled with the first value that is held against it. */
function* patternOf(constraints: SchemaConstraints, pattern: string): Walk<CompiledPattern> {
  const known = patterns.get(constraints);
  if (known !== undefined) return known;
  const compiled = yield* compileInTurns(pattern);
  patterns.set(constraints, compiled);
  return compiled;
}

export function judgeFormat(
  value: string,
  { path }: PlacedValue,
  { schema, found }: { readonly schema: Schema; readonly found: Judgement },
): void {
  const { format } = schema;
  if (format === undefined || !isKnownFormat(format, schema.type)) return;
  const isOfFormat = formatCheck(format);
  if (isOfFormat === undefined) return;
  found.effort.add(value.length);
  if (isOfFormat(value)) return;
  const text = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
  found.add(wrongType(fieldAt(path), value, text));
}

export function judgeNumber(
  value: number | bigint,
  { path }: PlacedValue,
  { schema, found }: { readonly schema: Schema; readonly found: Judgement },
): void {
  judgeRange(value, path, { schema, found });
  const { constraints } = schema;
  if (constraints === undefined) return;
  const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = constraints;
  const complain = (text: string): void => {
    found.add(invalidValue(fieldAt(path), value, `${path} in body ${text}`));
  };
  if (multipleOf !== undefined && !isMultiple(Number(value), multipleOf)) {
    complain(`should be a multiple of ${multipleOf}`);
  }
  if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    complain(`should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    complain(`should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`);
  }
}

/** The numbers that a type and a format can hold. */
function judgeRange(
  value: number | bigint,
  path: string,
  { schema, found }: { readonly schema: Schema; readonly found: Judgement },
): void {
  const { type, format } = schema;
  if (schema.isIntOrString === true || (type !== 'integer' && type !== 'number')) return;
  const asked = format !== undefined && isKnownFormat(format, type) ? format : undefined;
  if (type === 'integer' ? fitsInteger(value, asked) : fitsNumber(Number(value), asked)) return;
  const kind = asked === undefined ? '(default format)' : `with format ${asked}`;
  const text = `Checked value must be of type ${type} ${kind} in ${path}`;
  found.add(invalidValue(noField, '', text));
}

function fitsInteger(value: number | bigint, format: string | undefined): boolean {
  const max = format === 'int32' ? 2 ** 31 : 2 ** 63;
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  return isWhole && value < max && value >= -max;
}

function fitsNumber(value: number, format: string | undefined): boolean {
  return format !== 'float' || Number.isFinite(Math.fround(value));
}

/** As near as floating point comes. Source: kube-openapi, validation/validate and swag. */
function isMultiple(value: number, factor: number): boolean {
  const quotient = Math.abs(factor < 1 ? (1 / factor) * value : value / factor);
  if (quotient > Number.MAX_SAFE_INTEGER) return false;
  const whole = Math.trunc(quotient);
  return quotient === whole || (quotient - whole) / (quotient + whole) < 1e-9;
}

/** The values that the schema allows must have been made. */
export function judgeEnum({ value, path }: PlacedValue, schema: Schema, found: Judgement): void {
  const allowed = madeEnumValues(schema);
  if (allowed === undefined || allowed.has(value, found.effort)) return;
  const error: FieldError = {
    reason: 'FieldValueNotSupported',
    field: fieldAt(path),
    value,
    detail: allowed.detail,
  };
  found.add(error);
}
