import type { Schema } from '@fairway/protocol';
import { sortedMap } from './conform.ts';
import { isJsonObject } from '../json-value.ts';

/**
 * Puts the maps of a built-in object in the order of their keys, in place: what was decoded is in order, and
 * defaults and admission may have added to it.
 */
export function sortMaps(object: object, { properties }: Schema): void {
  const fields = object as Record<string, unknown>;
  for (const field of Object.keys(fields)) {
    const child = properties?.get(field);
    const value = fields[field];
    if (child === undefined || typeof value !== 'object' || value === null) continue;
    if (!hasMaps(child)) continue;
    const sorted = sortWithin(value, child);
    if (sorted !== value) fields[field] = sorted;
  }
}

function sortWithin(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    for (let at = 0; at < value.length; at++) value[at] = sortWithin(value[at], items);
    return value;
  }
  if (!isJsonObject(value)) return value;
  const { additionalProperties } = schema;
  if (additionalProperties === undefined) {
    sortMaps(value, schema);
    return value;
  }
  const map = sortedMap(value);
  if (hasMaps(additionalProperties)) {
    for (const key of Object.keys(map)) map[key] = sortWithin(map[key], additionalProperties);
  }
  return map;
}

const withMaps = new WeakMap<Schema, boolean>();

/** Whether there is a map in what a schema describes; most parts have none. */
function hasMaps(schema: Schema): boolean {
  const known = withMaps.get(schema);
  if (known !== undefined) return known;
  // A schema that leads back to itself has those that it has besides.
  withMaps.set(schema, false);
  const { additionalProperties, items, properties } = schema;
  const has =
    additionalProperties !== undefined ||
    (items !== undefined && hasMaps(items)) ||
    [...(properties?.values() ?? [])].some(hasMaps);
  withMaps.set(schema, has);
  return has;
}
