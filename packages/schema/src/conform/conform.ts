import type { Schema } from '@fairway/protocol';
import {
  conformBytes,
  conformIntOrString,
  conformQuantity,
  conformText,
  cutOff,
  isInteger,
  wholeMillis,
} from './conform-scalars.ts';
import { type Walk, pathTo } from './conform-walk.ts';
import { type Json, isJsonObject, isNumber } from '../json-value.ts';
import { isLeftOut, zeroInMap, zeroOf } from './left-out.ts';
import { reportType } from './type-problem.ts';

/** What came of holding a decoded object against its schema. */
export interface Conformity {
  /** Paths of fields that the schema does not know, in the order met; the first thousand of them. */
  readonly unknownFields: readonly string[];
  /** The first value of the wrong type, in the words of the API; undefined when all fit. */
  readonly typeError: string | undefined;
}

/** Further ones are dropped too, without being reported. */
export const unknownFieldsMax = 1_000;

/**
 * Makes a freshly decoded object what its schema says: drops unknown fields, nulls, empty lists and
 * maps and zeros that say nothing, and writes numbers in string fields of mixed type (`Quantity`) as
 * strings. So two objects that mean the same are equal. Changes `draft` in place.
 *
 * Source: what Go's JSON decoder does with the structs of a built-in kind.
 */
export function conformToSchema(
  draft: object,
  { schema, kind, numberTexts, isUnstructured = false }: ConformedAs,
): Conformity {
  const walk: Walk = {
    unknownFields: [],
    typeError: undefined,
    kind,
    root: schema,
    path: [],
    numberTexts,
    isUnstructured,
  };
  conformObject(draft as Json, schema, walk);
  return { unknownFields: walk.unknownFields, typeError: walk.typeError };
}

/** What an object is made. */
export interface ConformedAs {
  readonly schema: Schema;
  readonly kind: string;
  /** How numbers are written that are not written as integers, by their paths. */
  readonly numberTexts?: ReadonlyMap<string, string> | undefined;
  /**
   * The object comes from values in memory, as one that was merged does, and not from JSON: Go has other words
   * for what is wrong with it. Source: apimachinery, `UnstructuredConverter`.
   */
  readonly isUnstructured?: boolean;
}

function conformObject(object: Json, schema: Schema, walk: Walk): void {
  const { properties, additionalProperties } = schema;
  if (properties === undefined && additionalProperties === undefined) return;
  const isAmounts = additionalProperties?.format === 'quantity';
  for (const field of Object.keys(object)) {
    const child = properties?.get(field) ?? additionalProperties;
    const value = object[field];
    if (child === undefined) {
      if (schema.preservesUnknownFields === true) continue;
      if (walk.unknownFields.length < unknownFieldsMax) {
        walk.unknownFields.push(pathTo(walk, field));
      }
      delete object[field];
    } else if (value === null) {
      // In Go, null leaves a field as it is, and is the zero value of an entry of a map.
      const zero = properties?.has(field) === true ? undefined : zeroInMap(child);
      if (zero === undefined) delete object[field];
      else object[field] = zero;
    } else {
      walk.path.push(field);
      let conformed = conformValue(value, child, walk);
      if (isAmounts && typeof conformed === 'string') conformed = wholeMillis(conformed);
      if (conformed === undefined) delete object[field];
      else if (conformed !== value) object[field] = conformed;
      walk.path.pop();
      if (properties?.has(field) === true && isLeftOut(field, object[field], schema))
        delete object[field];
    }
  }
  for (const field of schema.writesNull ?? []) object[field] ??= null;
}

/** Go writes maps in the order of their keys. Most come so. */
export function sortedMap(map: Json): Json {
  const keys = Object.keys(map);
  for (let at = 1; at < keys.length; at++) {
    if ((keys[at] as string) < (keys[at - 1] as string)) {
      return Object.fromEntries(keys.sort().map((key) => [key, map[key]]));
    }
  }
  return map;
}

function conformValue(value: unknown, schema: Schema, walk: Walk): unknown {
  if (schema.isIntOrString === true) return conformIntOrString(value, walk);
  if (schema.format === 'quantity') return conformQuantity(value, walk);
  switch (schema.type) {
    case undefined:
      return schema.items === undefined ? value : conformUnion(value, schema, walk);
    case 'object':
      if (!isJsonObject(value)) return reportType(value, schema, walk);
      conformObject(value, schema, walk);
      return schema.additionalProperties === undefined ? value : sortedMap(value);
    case 'array':
      if (!Array.isArray(value)) return reportType(value, schema, walk);
      return conformItems(value, schema.items ?? {}, walk);
    case 'integer':
      if (isInteger(value, schema.format, walk)) return value;
      return cutOff(value, schema, walk) ?? reportType(value, schema, walk);
    case 'string':
      if (typeof value !== 'string') {
        if (schema.format === 'byte' && Array.isArray(value)) return conformBytes(value, walk);
        return reportType(value, schema, walk);
      }
      return schema.format === undefined ? value : conformText(value, schema.format, walk);
    case 'number':
      return isNumber(value) ? value : reportType(value, schema, walk);
    default:
      return typeof value === schema.type ? value : reportType(value, schema, walk);
  }
}

/**
 * A schema in the schema of a definition, or what may stand in its place.
 * Source: apiextensions/v1, the JSON forms of `JSONSchemaPropsOrArray` and its like.
 */
function conformUnion(value: unknown, { items = {}, format }: Schema, walk: Walk): unknown {
  if (isJsonObject(value)) return conformValue(value, items, walk);
  if (format === 'schema-or-boolean') {
    if (typeof value !== 'boolean') walk.typeError ??= 'boolean or JSON schema expected';
    return value;
  }
  if (!Array.isArray(value)) return undefined;
  return conformItems(value, format === 'schema-or-names' ? { type: 'string' } : items, walk);
}

function conformItems(items: unknown[], schema: Schema, walk: Walk): unknown[] {
  for (let index = 0; index < items.length; index++) {
    walk.path.push(`[${index}]`);
    // Go decodes null in a list to the zero value of the item.
    items[index] =
      items[index] === null ? zeroOf(schema) : conformValue(items[index], schema, walk);
    walk.path.pop();
  }
  return items;
}
