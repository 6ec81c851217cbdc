import { type JsonValue, type Schema, isJsonArray, isJsonObject } from '@fairway/protocol';
import { fieldShape } from './field-shape.ts';

/**
 * The paths of what a value has of lists, maps and structs that are owned as a whole: whoever merges it would
 * take away what it leaves out of them.
 */
export function atomicsIn(value: JsonValue, schema: Schema, path = ''): readonly string[] {
  const isAtomic = fieldShape(schema, value) === 'leaf';
  if (isJsonObject(value) && schema.type === 'object') {
    const below = Object.entries(value).flatMap(([name, each]) => {
      const found = schema.properties?.get(name);
      return found === undefined ? [] : atomicsIn(each, found, `${path}.${name}`);
    });
    return isAtomic ? [path, ...below] : below;
  }
  if (isJsonArray(value) && schema.type === 'array') {
    const items = schema.items ?? {};
    const below = value.flatMap((each, at) => atomicsIn(each, items, `${path}[${at}]`));
    return isAtomic ? [path, ...below] : below;
  }
  return [];
}
