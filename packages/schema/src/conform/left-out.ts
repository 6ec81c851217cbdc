import type { Schema } from '@fairway/protocol';
import { isJsonObject } from '../json-value.ts';

/**
 * Optional lists and maps without anything in them are not written, nor are zeros where they say no
 * more than an absent field. Source: `omitempty` in Go.
 */
export function isLeftOut(field: string, value: unknown, owner: Schema): boolean {
  const schema = owner.properties?.get(field) ?? {};
  switch (value) {
    case false:
    case 0:
      return isPlain(schema) && owner.keepsZero?.has(field) === false;
    case '':
      return (isPlain(schema) || schema.format === 'byte') && owner.keepsZero?.has(field) === false;
    default:
      if (owner.keepsEmpty?.has(field) === true) return false;
      return isEmpty(value, schema) && owner.required?.includes(field) !== true;
  }
}

/** A scalar that Go has no type of its own for, such as a time or an integer or string. */
function isPlain({ type, format, isIntOrString }: Schema): boolean {
  if (isIntOrString === true) return false;
  return type === 'integer' || type === 'number' || (type !== undefined && format === undefined);
}

function isEmpty(value: unknown, schema: Schema): boolean {
  if (Array.isArray(value)) return value.length === 0;
  const isMap = schema.additionalProperties !== undefined && isJsonObject(value);
  return isMap && Object.keys(value).length === 0;
}

/** What null is as an entry of a map; undefined: it is dropped. */
export function zeroInMap({ type, format }: Schema): string | undefined {
  if (format === 'quantity') return '0';
  return type === 'string' ? '' : undefined;
}

/** What null is as an item of a list. */
export function zeroOf(schema: Schema): unknown {
  switch (schema.type) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return {};
  }
}
