import type { JsonValue } from '@fairway/protocol';
import { Optional } from './optional.ts';
import { Duration, Timestamp } from './time.ts';
import {
  Double,
  Failure,
  Instance,
  MapValue,
  Uint,
  type Value,
  elementsOf,
  isList,
  keysOf,
  typeNameOf,
  valueAt,
} from './value.ts';

/** A value as JSON, which shares with it what is JSON already; or why it is none. */
export function jsonOf(value: Value): JsonValue | Failure {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isList(value)) return listOf(elementsOf(value));
  if (value instanceof MapValue) return objectOf(value);
  if (!(value instanceof Instance)) return value as JsonValue;
  if (value instanceof Double) return value.value;
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Timestamp || value instanceof Duration) return value.toString();
  if (value instanceof Optional) return value.value === undefined ? null : jsonOf(value.value);
  return new Failure(`values of type ${typeNameOf(value)} have no form in JSON`);
}

function listOf(values: readonly Value[]): JsonValue | Failure {
  const items: JsonValue[] = [];
  for (const value of values) {
    const item = jsonOf(value);
    if (item instanceof Failure) return item;
    items.push(item);
  }
  return items;
}

function objectOf(map: MapValue): JsonValue | Failure {
  const fields: [string, JsonValue][] = [];
  for (const key of keysOf(map)) {
    const value = jsonOf(valueAt(map, key) ?? null);
    if (value instanceof Failure) return value;
    fields.push([String(key), value]);
  }
  return Object.fromEntries(fields);
}
