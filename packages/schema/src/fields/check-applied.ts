import { type JsonValue, type Schema, isJsonArray, isJsonObject } from '@fairway/protocol';
import { allowsField, fieldAt, fieldShape, isDeduced, itemElement } from './field-shape.ts';
import { type PathElement, formatPath } from './path-element.ts';

/** The most that is told of what is wrong with one object. */
const problemsMax = 100;

/**
 * What keeps an applied object from being one of its schema, each with its path, in the words of the
 * API; none when it can be applied.
 *
 * Unlike other bodies, it may have no fields that the schema does not know, whatever the caller asked
 * for, since nobody could tell how these are owned.
 */
export function checkApplied(value: JsonValue, schema: Schema): readonly string[] {
  const isFine = problemsIn(value, schema).length === 0;
  // In an order of their own, so that the same object has the same problems however it is written.
  return isFine ? [] : problemsIn(value, schema, { order: (names) => names.sort() });
}

/**
 * Tells whether it can be said who owns what of a stored object: one that was written by an earlier schema may not be
 * of the present one. Unlike what is applied, it may have several items of the same keys.
 */
export function isOwnable(value: JsonValue, schema: Schema): boolean {
  return problemsIn(value, schema, { allowsDuplicates: true }).length === 0;
}

interface Check {
  readonly order: (names: string[]) => string[];
  readonly allowsDuplicates: boolean;
}

const asWritten: Check = { order: (names) => names, allowsDuplicates: false };

function problemsIn(value: JsonValue, schema: Schema, how: Partial<Check> = {}): readonly string[] {
  const problems: string[] = [];
  check(value, schema, { ...asWritten, ...how, problems, path: [] });
  return problems;
}

interface Place extends Check {
  readonly problems: string[];
  /** To where the check is; it grows and shrinks with it. */
  readonly path: PathElement[];
}

function check(value: JsonValue, schema: Schema, place: Place): void {
  if (place.problems.length >= problemsMax || value === null) return;
  switch (kindOf(schema)) {
    case 'map':
      if (isJsonObject(value)) checkFields(value, schema, place);
      else note(place, `expected map, got &{${goText(value)}}`);
      return;
    case 'list':
      if (isJsonArray(value)) checkItems(value, schema, place);
      else note(place, `expected list, got &{${goText(value)}}`);
      return;
    case 'numeric':
      if (typeof value !== 'number' && typeof value !== 'bigint') {
        note(place, `expected numeric (int or float), got ${goType(value)}`);
      }
      return;
    case 'string':
      if (typeof value !== 'string') {
        const text = typeof value === 'object' ? goText(value) : String(value);
        note(place, `expected string, got &value.valueUnstructured{Value:${text}}`);
      }
      return;
    case 'boolean':
      if (typeof value !== 'boolean') note(place, `expected boolean, got &{${goText(value)}}`);
      return;
    case 'scalar':
      if (typeof value === 'object') note(place, `expected any scalar, got &{${goText(value)}}`);
      return;
    case 'any':
  }
}

function kindOf(
  schema: Schema,
): 'map' | 'list' | 'numeric' | 'string' | 'boolean' | 'scalar' | 'any' {
  if (schema.isIntOrString === true) return 'scalar';
  switch (schema.type) {
    case 'object':
      return 'map';
    case 'array':
      return 'list';
    case 'integer':
    case 'number':
      return 'numeric';
    case 'boolean':
      return 'boolean';
    case 'string':
      return schema.format === undefined || schema.format === 'byte' ? 'string' : 'scalar';
    default:
      return 'any';
  }
}

function checkFields(
  object: Readonly<Record<string, JsonValue>>,
  schema: Schema,
  place: Place,
): void {
  for (const name of place.order(Object.keys(object))) {
    const { element, schema: expected } = fieldAt(schema, name);
    place.path.push(element);
    const isAllowed = allowsField(schema, name);
    if (isAllowed) check(object[name] ?? null, expected, place);
    else note(place, 'field not declared in schema');
    place.path.pop();
    // Nothing more is told of this object.
    if (!isAllowed) return;
  }
}

function checkItems(list: readonly JsonValue[], schema: Schema, place: Place): void {
  const items = schema.items ?? {};
  const seen = new Set<PathElement>();
  const isAtomic = isDeduced(schema) || fieldShape(schema, list) === 'leaf';
  for (let at = 0; at < list.length; at++) {
    const item = list[at] ?? null;
    const found = isAtomic ? { element: `i:${at}` } : itemElement(item, schema);
    if ('problem' in found) {
      note(place, `element ${at}: ${found.problem}`);
      continue;
    }
    const { element } = found;
    if (seen.has(element) && !place.allowsDuplicates)
      note(place, `duplicate entries for key ${formatPath([element])}`);
    seen.add(element);
    place.path.push(element);
    check(item, items, place);
    place.path.pop();
  }
}

function note({ problems, path }: Place, problem: string): void {
  if (problems.length < problemsMax) problems.push(`${formatPath(path)}: ${problem}`);
}

function goType(value: JsonValue): string {
  if (isJsonArray(value)) return '[]interface {}';
  if (isJsonObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A value as Go prints it with `%v`. */
function goText(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isJsonObject(value)) return value === null ? '<nil>' : String(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((name) => `${name}:${goText(value[name] ?? null)}`).join(' ')}]`;
}
