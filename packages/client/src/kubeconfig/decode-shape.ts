import { Secret } from '@fairway/host';
import { isBase64 } from './base64-text.ts';

/** What a value must look like. `wrap` puts a string away as a `Secret`. */
export type Shape =
  | { readonly type: 'string'; readonly wrap?: boolean; readonly oneOf?: readonly string[] }
  | { readonly type: 'base64'; readonly wrap?: boolean }
  | { readonly type: 'boolean' }
  | { readonly type: 'anything' }
  | { readonly type: 'list'; readonly of: Shape; readonly isNamed?: boolean }
  | { readonly type: 'map'; readonly of: Shape; readonly wrapKeys?: ReadonlySet<string> }
  | { readonly type: 'object'; readonly fields: Readonly<Record<string, Shape>> };

/** One thing wrong with a value. `field` is as the API writes it: `users[0].user.token`. */
export interface Fault {
  readonly field: string;
  readonly detail: string;
}

/**
 * A value held against a shape: its secrets put away, and everything that is wrong with it.
 *
 * Shape: keys that the shape does not know stay as they are.
 */
export function decodeShape(shape: Shape, value: unknown): { value: unknown; faults: Fault[] } {
  const faults: Fault[] = [];
  const decoded = decode(shape, value, { field: '', faults });
  return { value: decoded, faults };
}

const secretText: Shape = { type: 'string', wrap: true };

interface Place {
  readonly field: string;
  readonly faults: Fault[];
}

/** The value with its secrets put away. `null` counts as absent, as it does for kubectl. */
function decode(shape: Shape, value: unknown, place: Place): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.type) {
    case 'anything':
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : expected('true or false', value, place);
    case 'string':
      return decodeString(shape, value, place);
    case 'base64':
      return decodeBase64(shape, value, place);
    case 'list':
      return decodeList(shape, value, place);
    case 'map':
      return decodeMap(shape, value, place);
    case 'object':
      return decodeObject(shape, value, place);
  }
}

function decodeString(
  shape: { wrap?: boolean; oneOf?: readonly string[] },
  value: unknown,
  place: Place,
): unknown {
  if (typeof value !== 'string') return expected('a string', value, place);
  if (shape.oneOf?.includes(value) === false) {
    return fault(place, `must be ${JSON.stringify(shape.oneOf[0])}, not ${JSON.stringify(value)}`);
  }
  return shape.wrap ? new Secret(value) : value;
}

function decodeBase64(shape: { wrap?: boolean }, value: unknown, place: Place): unknown {
  if (typeof value !== 'string') return expected('base64 text', value, place);
  const compact = value.replace(/[\r\n]/g, '');
  if (!isBase64(compact)) return fault(place, 'is not base64');
  return shape.wrap ? new Secret(compact) : compact;
}

function decodeList(
  shape: { of: Shape; isNamed?: boolean },
  value: unknown,
  place: Place,
): unknown {
  if (!Array.isArray(value)) return expected('a list', value, place);
  const entries = value.map((each, index) => {
    const field = `${place.field}[${index}]`;
    const entry = decode(shape.of, each, { ...place, field });
    return entry ?? (shape.of.type === 'string' ? '' : {});
  });
  if (shape.isNamed) refuseDuplicateNames(entries, place);
  return entries;
}

function refuseDuplicateNames(entries: readonly unknown[], place: Place): void {
  const seen = new Set<string>();
  entries.forEach((entry, index) => {
    const name = isRecord(entry) && typeof entry['name'] === 'string' ? entry['name'] : '';
    if (seen.has(name)) {
      const detail = `duplicate name ${JSON.stringify(name)} in list; remove or rename one of them`;
      place.faults.push({ field: `${place.field}[${index}].name`, detail });
    }
    seen.add(name);
  });
}

function decodeMap(
  shape: { of: Shape; wrapKeys?: ReadonlySet<string> },
  value: unknown,
  place: Place,
): unknown {
  if (!isRecord(value)) return expected('a mapping', value, place);
  const entries = Object.entries(value).map(([key, each]) => {
    const of = shape.wrapKeys?.has(key) ? secretText : shape.of;
    return [key, decode(of, each, { ...place, field: `${place.field}[${JSON.stringify(key)}]` })];
  });
  return Object.fromEntries(entries) as unknown;
}

function decodeObject(
  shape: { fields: Readonly<Record<string, Shape>> },
  value: unknown,
  place: Place,
): unknown {
  if (!isRecord(value)) return expected('a mapping', value, place);
  const entries = Object.entries(value).map(([key, each]) => {
    const of = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (of === undefined) return [key, each];
    return [key, decode(of, each, { ...place, field: joinField(place.field, key) })];
  });
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined)) as unknown;
}

function joinField(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}

function expected(what: string, value: unknown, place: Place): undefined {
  const actual = Array.isArray(value)
    ? 'a list'
    : isRecord(value)
      ? 'a mapping'
      : `a ${typeof value}`;
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  const remedy = what === 'a string' && isScalar ? '; put it in quotes' : '';
  return fault(place, `must be ${what}, not ${actual}${remedy}`);
}

function fault(place: Place, detail: string): undefined {
  place.faults.push({ field: place.field, detail });
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
