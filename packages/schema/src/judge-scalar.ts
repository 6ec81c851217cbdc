import {
  type FieldError,
  type Schema,
  type SchemaConstraints,
  invalidValue,
  tooLong,
  wrongType,
} from '@fairway/protocol';
import { madeEnumValues } from './enum-values.ts';
import { type Judgement, type PlacedValue, fieldAt, typesOf } from './judgement.ts';
import { type CompiledPattern, compileInTurns } from './patterns/compile-pattern.ts';
import { valueFormats } from './value-formats.ts';
import type { Walk } from './walk.ts';

export function judgeType({ value, path }: PlacedValue, schema: Schema, found: Judgement): void {
  const wanted = typesOf(schema);
  if (wanted.length === 0) return;
  const actual = typeOf(value);
  if (value === null ? schema.isNullable === true : wanted.includes(actual)) return;
  if (actual === 'integer' && wanted.includes('number')) return;
  const text = `${path} in body must be of type ${wanted.join(',')}: ${JSON.stringify(actual)}`;
  found.add(wrongType(fieldAt(path), actual, text));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
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
  const isOfFormat = format === undefined ? undefined : valueFormats.get(format);
  if (isOfFormat === undefined) return;
  found.effort.add(value.length);
  if (isOfFormat(value)) return;
  const text = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
  found.add(wrongType(fieldAt(path), value, text));
}

export function judgeNumber(
  value: number,
  { path }: PlacedValue,
  { constraints, found }: { readonly constraints: SchemaConstraints; readonly found: Judgement },
): void {
  const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = constraints;
  const complain = (text: string): void => {
    found.add(invalidValue(fieldAt(path), value, `${path} in body ${text}`));
  };
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    complain(`should be a multiple of ${multipleOf}`);
  }
  if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    complain(`should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    complain(`should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`);
  }
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
