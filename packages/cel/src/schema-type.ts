import type { Schema } from '@fairway/protocol';
import { escapeField } from './field-names.ts';
import {
  type Field,
  ObjectType,
  type Type,
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
} from './type.ts';
import { SchemaList } from './values/schema-list.ts';
import { SchemaMap, SchemaObject } from './values/schema-map.ts';
import { type Duration, durationOf, parseDuration, parseTimestamp } from './values/time.ts';
import { Failure, type Value, doubleOf, isPlainMap } from './values/value.ts';

/** What a rule sees of values of a schema. */
export interface SchemaType {
  readonly type: Type;
  /** Makes a value of the wire one of this type; undefined: it is one. */
  readonly convert: ((value: Value) => Value) | undefined;
  /** How many bytes, elements or entries it may have. */
  readonly sizeMax: number;
  /** The least that it takes in JSON. */
  readonly bytesMin: number;
  readonly items?: SchemaType;
  readonly values?: SchemaType;
  /** By their names in the object. */
  readonly properties?: ReadonlyMap<string, SchemaType>;
}

/** A request cannot be larger. Source: Kubernetes, cel/limits.go. */
const requestBytesMax = 3 * 1024 * 1024;
/** The bytes that a code point may take. */
const runeBytesMax = 4;

/**
 * The type that a schema declares; undefined for one whose values no rule may look at. `name` is what
 * messages call it. Source: Kubernetes, cel/common/schemas.go.
 */
export function schemaType(schema: Schema, name: string): SchemaType | undefined {
  if (schema.isIntOrString === true) {
    return { type: dynType, convert: undefined, sizeMax: requestBytesMax - 2, bytesMin: 1 };
  }
  switch (schema.type) {
    case 'array':
      return listOf(schema, name);
    case 'object':
      return schema.additionalProperties === undefined
        ? objectOf(schema, name)
        : mapOf(schema.additionalProperties, schema, name);
    case 'string':
      return textOf(schema);
    case 'boolean':
      return { type: boolType, convert: undefined, sizeMax: 0, bytesMin: 4 };
    case 'number':
      return { type: doubleType, convert: toDouble, sizeMax: 0, bytesMin: 1 };
    case 'integer':
      return { type: intType, convert: undefined, sizeMax: 0, bytesMin: 1 };
    default:
      return undefined;
  }
}

function listOf(schema: Schema, name: string): SchemaType | undefined {
  const items = schema.items && schemaType(schema.items, `${name}.@idx`);
  if (items === undefined) return undefined;
  const { listType: semantics = 'atomic', listMapKeys = [], constraints } = schema;
  const sizeMax = constraints?.maxItems ?? Math.floor((requestBytesMax - 2) / (items.bytesMin + 1));
  const convert = items.convert ?? same;
  const isPlain = semantics === 'atomic' && items.convert === undefined;
  return {
    type: listType(items.type),
    convert: isPlain
      ? undefined
      : (value) =>
          Array.isArray(value)
            ? new SchemaList(value, { convert, listType: semantics, keys: listMapKeys })
            : value,
    sizeMax: Math.max(0, sizeMax),
    bytesMin: 2,
    items,
  };
}

function mapOf(schema: Schema, { constraints }: Schema, name: string): SchemaType | undefined {
  const values = schemaType(schema, `${name}.@elem`);
  if (values === undefined) return undefined;
  const { convert } = values;
  const sizeMax =
    constraints?.maxProperties ?? Math.floor((requestBytesMax - 2) / (values.bytesMin + 6));
  return {
    type: mapType(stringType, values.type),
    convert: convert && ((value) => (isPlainMap(value) ? new SchemaMap(value, convert) : value)),
    sizeMax: Math.max(0, sizeMax),
    bytesMin: 2,
    values,
  };
}

function objectOf(schema: Schema, name: string): SchemaType {
  const { required = [] } = schema;
  const properties = new Map<string, SchemaType>();
  const declared = new Map<string, Field>();
  const conversions = new Map<string, (value: Value) => Value>();
  let bytesMin = 2;
  let hasNullable = false;
  for (const [key, property] of schema.properties ?? []) {
    const found = schemaType(property, `${name}.${key}`);
    if (found === undefined) continue;
    properties.set(key, found);
    hasNullable ||= property.isNullable === true;
    const field = escapeField(key);
    if (field !== undefined) declared.set(field, { key, type: found.type });
    if (found.convert !== undefined) conversions.set(key, found.convert);
    if (required.includes(key) && property.default === undefined) {
      bytesMin += key.length + found.bytesMin + 4;
    }
  }
  const keys = new Map([...declared].map(([field, { key }]) => [field, key]));
  return {
    type: new ObjectType(name, declared),
    convert:
      conversions.size === 0 && !hasNullable
        ? undefined
        : (value) => (isPlainMap(value) ? new SchemaObject(value, { keys, conversions }) : value),
    sizeMax: 0,
    bytesMin,
    properties,
  };
}

function textOf({ format, enum: values, constraints }: Schema): SchemaType {
  const maxLength = constraints?.maxLength;
  switch (format) {
    case 'byte':
      return {
        type: bytesType,
        convert: toBytes,
        sizeMax: maxLength ?? requestBytesMax - 2,
        bytesMin: 2,
      };
    case 'duration':
      return { type: durationType, convert: toDuration, sizeMax: 32, bytesMin: 3 };
    case 'date':
      return { type: timestampType, convert: toDate, sizeMax: 12, bytesMin: 12 };
    case 'date-time':
      return { type: timestampType, convert: toTimestamp, sizeMax: 32, bytesMin: 21 };
    default: {
      const longest = Math.max(0, ...(values ?? []).map((each) => String(each).length));
      const unbounded = values === undefined ? requestBytesMax - 2 : longest;
      const sizeMax = maxLength === undefined ? unbounded : Math.max(0, maxLength) * runeBytesMax;
      return { type: stringType, convert: undefined, sizeMax, bytesMin: 2 };
    }
  }
}

const same = (value: Value): Value => value;

const toDouble = (value: Value): Value =>
  typeof value === 'number' || typeof value === 'bigint' ? doubleOf(Number(value)) : value;

/** What is malformed stays the text that it is; the schema refuses it before. */
function toDuration(value: Value): Value {
  if (typeof value !== 'string') return value;
  return parseDuration(value) ?? durationInWords(value) ?? value;
}

/** Units by what their names begin with, in nanoseconds; short names must be whole. */
const wordUnits: readonly (readonly [pattern: RegExp, nanos: bigint])[] = [
  [/^(ns|nano.*)$/, 1n],
  [/^(us|µs|micro.*)$/, 1_000n],
  [/^(ms|milli.*)$/, 1_000_000n],
  [/^(s|sec.*)$/, 1_000_000_000n],
  [/^(m|min.*)$/, 60_000_000_000n],
  [/^(h|hr|hour.*)$/, 3_600_000_000_000n],
  [/^(d|day.*)$/, 86_400_000_000_000n],
  [/^(w|week.*)$/, 604_800_000_000_000n],
];

/** `3 days`, which the format takes too. Source: kube-openapi, strfmt, `ParseDuration`. */
function durationInWords(text: string): Duration | undefined {
  const [, count = '', word = ''] = /^(\d{1,18})\s*([A-Za-zµ]+)$/.exec(text) ?? [];
  const unit = wordUnits.find(([pattern]) => pattern.test(word.toLowerCase()));
  if (unit === undefined || count === '') return undefined;
  const duration = durationOf(BigInt(count) * unit[1]);
  return duration instanceof Failure ? undefined : duration;
}

function toTimestamp(value: Value): Value {
  const parsed = typeof value === 'string' ? parseTimestamp(value.toUpperCase()) : undefined;
  return parsed === undefined || parsed instanceof Failure ? value : parsed;
}

function toDate(value: Value): Value {
  const parsed = typeof value === 'string' ? toTimestamp(`${value}T00:00:00Z`) : value;
  return typeof parsed === 'string' ? value : parsed;
}

function toBytes(value: Value): Value {
  if (typeof value !== 'string') return value;
  try {
    return Uint8Array.from(atob(value), (byte) => byte.charCodeAt(0));
  } catch {
    return value;
  }
}

/** How large a part of a value may be, by its path; undefined for what the schema does not say. */
export function sizeAtPath(root: SchemaType, path: readonly string[]): number | undefined {
  let found: SchemaType | undefined = root;
  for (const step of path) {
    if (step === '@keys') return 0;
    if (step === '@items') found = found.items;
    else if (step === '@values') found = found.values;
    else found = fieldOf(found, step);
    if (found === undefined) return undefined;
  }
  return found.sizeMax;
}

function fieldOf({ type, properties }: SchemaType, field: string): SchemaType | undefined {
  const key = type instanceof ObjectType ? type.field(field)?.key : undefined;
  return key === undefined ? undefined : properties?.get(key);
}
