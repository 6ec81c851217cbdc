import {
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  type Schema,
  isJsonObject,
} from '@fairway/protocol';

const zeros = new WeakMap<Schema, JsonObject>();

/**
 * What an object of a built-in kind has before anybody sets anything: the structs that are always
 * there, and required fields with their zero. Nobody owns these for having created the object.
 *
 * Source: the JSON of an empty Go struct. A struct that is no pointer has the default `{}` in
 * OpenAPI.
 */
export function zeroObject(schema: Schema): JsonObject {
  let zero = zeros.get(schema);
  if (zero === undefined) {
    zero = makeZero(schema);
    zeros.set(schema, zero);
  }
  return zero;
}

function makeZero({ properties = new Map(), required = [], writesNull }: Schema): JsonObject {
  const zero: JsonDraft = {};
  for (const [name, child] of properties as ReadonlyMap<string, Schema>) {
    if (isJsonObject(child.default as JsonValue)) zero[name] = zeroObject(child);
    else if (writesNull?.has(name) === true) zero[name] = null;
    else if (required.includes(name)) zero[name] = zeroValue(child);
  }
  return zero;
}

function zeroValue({ type, format, isIntOrString }: Schema): JsonValue {
  if (isIntOrString === true) return 0;
  switch (type) {
    case 'string':
      return format === undefined ? '' : null;
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}
