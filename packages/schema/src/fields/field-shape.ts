import {
  type JsonArray,
  type JsonObject,
  type JsonValue,
  type Schema,
  isJsonArray,
  isJsonObject,
  stringifyJson,
} from '@fairway/protocol';
import { type PathElement, fieldElement, valueElement } from './path-element.ts';

/**
 * How ownership sees a value: as one field (`leaf`), or as fields or items that are owned one by
 * one.
 */
export type FieldShape = 'leaf' | 'fields' | 'items';

/**
 * How values of a schema are owned. Where the schema does not say what is there, what is there
 * decides, so two values may have two shapes.
 *
 * Source: KEP-555, `x-kubernetes-list-type` and `x-kubernetes-map-type`, which the merge strategy of
 * older definitions stands in for.
 */
export function fieldShape(schema: Schema, value: JsonValue | undefined): FieldShape {
  if (schema.isIntOrString === true) return 'leaf';
  switch (schema.type) {
    case 'object':
      return schema.mapType === 'atomic' ? 'leaf' : 'fields';
    case 'array':
      return isAssociative(schema) ? 'items' : 'leaf';
    case undefined:
      return isDeduced(schema) && isJsonObject(value) ? 'fields' : 'leaf';
    default:
      return 'leaf';
  }
}

/** Whether the value decides about the shape. */
export function isDeduced(schema: Schema): boolean {
  return (
    schema.type === undefined &&
    (schema.preservesUnknownFields === true || schema.properties !== undefined)
  );
}

function isAssociative({ listType, patchStrategy }: Schema): boolean {
  if (listType !== undefined) return listType !== 'atomic';
  return patchStrategy?.includes('merge') === true;
}

const deduced: Schema = { preservesUnknownFields: true };

/** A field of an object, and the step to it. */
export interface Field {
  readonly element: PathElement;
  readonly schema: Schema;
  /** Of a struct, which is there whether anybody owns it or not. */
  readonly isNamed: boolean;
  /** The step as JSON, where it is known beforehand. */
  readonly text?: string;
}

/** The named fields of each schema, so that their steps are made once. */
const namedFields = new WeakMap<Schema, ReadonlyMap<string, Field>>();

export function fieldAt(schema: Schema, name: string): Field {
  const named = namedFieldsOf(schema)?.get(name);
  if (named !== undefined) return named;
  const below = schema.additionalProperties ?? deduced;
  return { element: fieldElement(name), schema: below, isNamed: false };
}

function namedFieldsOf(schema: Schema): ReadonlyMap<string, Field> | undefined {
  if (schema.properties === undefined) return undefined;
  let fields = namedFields.get(schema);
  if (fields === undefined) {
    const entries = [...schema.properties].map(([name, below]) => {
      const element = fieldElement(name);
      const text = JSON.stringify(element);
      return [name, { element, schema: below, isNamed: true, text }] as const;
    });
    fields = new Map(entries);
    namedFields.set(schema, fields);
  }
  return fields;
}

/** The fields of a value; none of one that has no fields. */
export function fieldsIn(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The items of a value; none of one that is no list. */
export function itemsIn(value: JsonValue | undefined): JsonArray {
  return isJsonArray(value) ? value : [];
}

/** Whether a schema has a place for a field. */
export function allowsField(schema: Schema, name: string): boolean {
  const { properties, additionalProperties, preservesUnknownFields } = schema;
  if (properties === undefined || properties.has(name) || additionalProperties !== undefined) {
    return true;
  }
  return preservesUnknownFields === true;
}

interface ListKey {
  readonly name: string;
  /** `"name":` */
  readonly start: string;
  readonly default: JsonValue | undefined;
}

const keysOfLists = new WeakMap<Schema, readonly ListKey[]>();

/** What tells the items of a list apart, sorted; none for a set. */
function listKeys(schema: Schema): readonly ListKey[] {
  let keys = keysOfLists.get(schema);
  if (keys === undefined) {
    const { listType, listMapKeys = [], patchMergeKey } = schema;
    const names =
      listType === undefined && patchMergeKey !== undefined ? [patchMergeKey] : listMapKeys;
    keys = [...names].sort().map((name) => ({
      name,
      start: `${JSON.stringify(name)}:`,
      default: schema.items?.properties?.get(name)?.default as JsonValue | undefined,
    }));
    keysOfLists.set(schema, keys);
  }
  return keys;
}

/** The step to an item of a list, or what keeps it from having one. */
export function itemElement(
  item: JsonValue,
  schema: Schema,
): { readonly element: PathElement } | { readonly problem: string } {
  const keys = listKeys(schema);
  if (keys.length > 0) return keyedElement(item, keys);
  if (isJsonObject(item)) {
    return { problem: "associative list without keys has an element that's a map type" };
  }
  return Array.isArray(item) ? { problem: 'not supported' } : { element: valueElement(item) };
}

function keyedElement(item: JsonValue, keys: readonly ListKey[]): ReturnType<typeof itemElement> {
  if (item === null) {
    return { problem: 'associative list with keys may not have a null element' };
  }
  if (!isJsonObject(item)) {
    return { problem: 'associative list with keys may not have non-map elements' };
  }
  let text = '';
  for (const { name, start, default: otherwise } of keys) {
    const value = Object.hasOwn(item, name) ? item[name] : otherwise;
    if (value !== undefined) text += `${text === '' ? '' : ','}${start}${keyText(value)}`;
  }
  if (text !== '') return { element: `k:{${text}}` };
  const names = keys.map(({ name }) => `"${name}"`).join(' ');
  const problem = `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`;
  return { problem };
}

/** Most keys are names, for which JavaScript would take three times as long. */
function keyText(value: JsonValue): string | undefined {
  return typeof value === 'string' && plainText.test(value) ? `"${value}"` : stringifyJson(value);
}

/** Letters and signs that stand for themselves in JSON. */
const plainText = /^[\w./:-]*$/;

/** The items of a list by their steps, in their order; more than one for a step are duplicates. */
export function indexItems(
  list: JsonArray,
  schema: Schema,
): Map<PathElement, readonly [JsonValue, ...JsonValue[]]> {
  const items = new Map<PathElement, [JsonValue, ...JsonValue[]]>();
  for (const item of list) {
    const found = itemElement(item, schema);
    if ('problem' in found) continue;
    const same = items.get(found.element);
    if (same === undefined) items.set(found.element, [item]);
    else same.push(item);
  }
  return items;
}
