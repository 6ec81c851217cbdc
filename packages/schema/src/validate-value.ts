import {
  type FieldError,
  type JsonValue,
  type Schema,
  duplicate,
  equalsJson,
  invalidValue,
  required,
  tooLong,
  tooMany,
  unsupported,
  wrongType,
} from '@fairway/protocol';
import { isJsonObject } from './conform.ts';
import { valueFormats } from './value-formats.ts';

/** A value of a custom resource, and where it is. */
export interface PlacedValue {
  readonly value: unknown;
  /** As in messages: `spec.ports[0]`; empty at the root. */
  readonly path: string;
  /** What was there before an update: what has not changed is not judged again. */
  readonly stored?: unknown;
}

/**
 * All that is wrong with a value by its schema, in the API's words.
 *
 * Source: kube-openapi, validation/errors; KEP-4008 for what an update may leave as it was.
 */
export function validateValue(placed: PlacedValue, schema: Schema): readonly FieldError[] {
  const { value, stored } = placed;
  if (stored !== undefined && equalsJson(value as JsonValue, stored as JsonValue)) return [];
  const errors = typeErrors(placed, schema);
  if (value === null) return [...errors, ...enumErrors(placed, schema)];
  return [
    ...errors,
    ...alternativeErrors(placed, schema),
    ...(typeof value === 'string' ? stringErrors(value, placed, schema) : []),
    ...(typeof value === 'number' ? numberErrors(value, placed, schema) : []),
    ...(Array.isArray(value) ? listErrors(value, placed, schema) : []),
    ...enumErrors(placed, schema),
    ...(isJsonObject(value) ? objectErrors(value, placed, schema) : []),
  ];
}

function typeErrors({ value, path }: PlacedValue, schema: Schema): readonly FieldError[] {
  const wanted = schema.isIntOrString === true ? ['integer', 'string'] : typesOf(schema);
  if (wanted.length === 0) return [];
  const actual = typeOf(value);
  if (value === null ? schema.isNullable === true : wanted.includes(actual)) return [];
  if (actual === 'integer' && wanted.includes('number')) return [];
  const text = `${path} in body must be of type ${wanted.join(',')}: ${JSON.stringify(actual)}`;
  return [wrongType(fieldAt(path), actual, text)];
}

function typesOf({ type }: Schema): readonly string[] {
  return type === undefined ? [] : [type];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** What is wrong with the object as a whole has no field, which Go prints as `<nil>`. */
const noField = '<nil>';

function fieldAt(path: string): string {
  return path === '' ? noField : path;
}

function alternativeErrors(placed: PlacedValue, { constraints }: Schema): readonly FieldError[] {
  if (constraints === undefined) return [];
  const { stored: _, ...whole } = placed;
  const judge = (schemas: readonly Schema[] = []): FieldError[][] =>
    schemas.map((schema) => [...validateValue(whole, schema)]);
  const { anyOf, oneOf, allOf, not } = constraints;
  const errors: FieldError[] = [];
  const composite = (text: string): void => {
    errors.push(invalidValue(noField, '', `"${placed.path}" ${text}`));
  };
  const any = judge(anyOf);
  if (anyOf !== undefined && !any.some(isEmpty)) {
    composite('must validate at least one schema (anyOf)');
    errors.push(...shortest(any));
  }
  const one = judge(oneOf);
  const validCount = one.filter(isEmpty).length;
  if (oneOf !== undefined && validCount !== 1) {
    const found = validCount === 0 ? 'none valid' : `${validCount} valid alternatives`;
    composite(`must validate one and only one schema (oneOf). Found ${found}`);
    if (validCount === 0) errors.push(...shortest(one));
  }
  const all = judge(allOf).filter((each) => !isEmpty(each));
  if (all.length > 0) {
    errors.push(...all.flat());
    composite('must validate all the schemas (allOf)');
  }
  if (not !== undefined && validateValue(whole, not).length === 0) {
    composite('must not validate the schema (not)');
  }
  return errors;
}

function isEmpty(errors: readonly FieldError[]): boolean {
  return errors.length === 0;
}

/** The alternative that came nearest, which is the one that its author most likely meant. */
function shortest(outcomes: readonly FieldError[][]): readonly FieldError[] {
  return [...outcomes].sort((one, other) => one.length - other.length)[0] ?? [];
}

function stringErrors(
  value: string,
  { path }: PlacedValue,
  { constraints = {}, format = '' }: Schema,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { maxLength, minLength, pattern } = constraints;
  const length = maxLength === undefined && minLength === undefined ? 0 : [...value].length;
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(fieldAt(path), maxLength));
  const complain = (text: string): void => {
    errors.push(invalidValue(fieldAt(path), value, `${path} in body ${text}`));
  };
  if (minLength !== undefined && length < minLength) {
    complain(`should be at least ${minLength} chars long`);
  }
  if (pattern !== undefined && !patternOf(pattern).test(value))
    complain(`should match '${pattern}'`);
  if (valueFormats.get(format)?.(value) === false) {
    const text = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push(wrongType(fieldAt(path), value, text));
  }
  return errors;
}

/** Go's expressions, as far as JavaScript spells them alike. */
export function patternOf(pattern: string): RegExp {
  const flags = /^\(\?([is]+)\)/.exec(pattern);
  const rest = flags === null ? pattern : pattern.slice(flags[0].length);
  const spelled = rest.replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$');
  return new RegExp(spelled, flags?.[1] ?? '');
}

function numberErrors(
  value: number,
  { path }: PlacedValue,
  { constraints = {} }: Schema,
): readonly FieldError[] {
  const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = constraints;
  const errors: FieldError[] = [];
  const complain = (text: string): void => {
    errors.push(invalidValue(fieldAt(path), value, `${path} in body ${text}`));
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
  return errors;
}

function listErrors(
  list: readonly unknown[],
  { path, stored }: PlacedValue,
  schema: Schema,
): readonly FieldError[] {
  const { constraints = {}, items } = schema;
  const { minItems, maxItems } = constraints;
  const errors: FieldError[] = [];
  if (items !== undefined) {
    const before = storedItems(stored, schema);
    list.forEach((value, index) => {
      const placed = { value, path: `${path}[${index}]`, stored: before(value) };
      errors.push(...validateValue(placed, items));
    });
  }
  if (minItems !== undefined && list.length < minItems) {
    const text = `${path} in body should have at least ${minItems} items`;
    errors.push(invalidValue(fieldAt(path), list.length, text));
  }
  if (maxItems !== undefined && list.length > maxItems) {
    errors.push(tooMany(fieldAt(path), list.length, maxItems));
  }
  return [...errors, ...repeatedItems(list, path, schema)];
}

/** Finds what an item was: only items of a list of type `map` can be told apart. */
function storedItems(stored: unknown, schema: Schema): (item: unknown) => unknown {
  if (!Array.isArray(stored) || schema.listType !== 'map') return () => undefined;
  const byKey = new Map(stored.map((item: unknown) => [keyOf(item, schema), item]));
  return (item) => byKey.get(keyOf(item, schema));
}

function keyOf(item: unknown, { listType, listMapKeys = [] }: Schema): string {
  if (listType !== 'map' || !isJsonObject(item)) return JSON.stringify(item);
  return JSON.stringify(listMapKeys.map((key) => item[key] ?? null));
}

function repeatedItems(
  list: readonly unknown[],
  path: string,
  schema: Schema,
): readonly FieldError[] {
  if (schema.listType !== 'set' && schema.listType !== 'map') return [];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  list.forEach((item, index) => {
    const key = keyOf(item, schema);
    if (seen.has(key)) errors.push(duplicate(`${path}[${index}]`, keyValue(item, schema)));
    seen.add(key);
  });
  return errors;
}

function keyValue(item: unknown, { listType, listMapKeys = [] }: Schema): unknown {
  if (listType !== 'map' || !isJsonObject(item)) return item;
  return Object.fromEntries(listMapKeys.map((key) => [key, item[key]]));
}

function enumErrors({ value, path }: PlacedValue, schema: Schema): readonly FieldError[] {
  const allowed = schema.enum;
  if (allowed === undefined) return [];
  if (allowed.some((each) => equalsJson(each as JsonValue, value as JsonValue))) return [];
  const texts = allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  return [unsupported(fieldAt(path), value, texts)];
}

function objectErrors(
  object: Record<string, unknown>,
  { path, stored }: PlacedValue,
  schema: Schema,
): readonly FieldError[] {
  const { constraints = {}, properties, additionalProperties, required: names = [] } = schema;
  const { minProperties, maxProperties } = constraints;
  const fields = Object.keys(object);
  const errors: FieldError[] = [];
  if (minProperties !== undefined && fields.length < minProperties) {
    const text = `${path} in body should have at least ${minProperties} properties`;
    errors.push(invalidValue(fieldAt(path), fields.length, text));
  }
  if (maxProperties !== undefined && fields.length > maxProperties) {
    errors.push(tooMany(fieldAt(path), fields.length, maxProperties));
  }
  const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
  const before = isJsonObject(stored) ? stored : {};
  for (const field of fields) {
    const child = properties?.get(field) ?? additionalProperties;
    if (child === undefined) continue;
    const placed = { value: object[field], path: at(field), stored: before[field] };
    errors.push(...validateValue(placed, child));
  }
  for (const name of names) if (!Object.hasOwn(object, name)) errors.push(required(at(name)));
  return [...errors, ...embeddedErrors(object, path, schema)];
}

/** An object within the object must say what it is. The object itself always does. */
function embeddedErrors(
  object: Record<string, unknown>,
  path: string,
  { isEmbeddedResource }: Schema,
): readonly FieldError[] {
  if (isEmbeddedResource !== true || path === '') return [];
  return ['apiVersion', 'kind']
    .filter((field) => (object[field] ?? '') === '')
    .map((field) => required(`${path}.${field}`, 'must not be empty'));
}
