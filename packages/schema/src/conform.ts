import type { Schema } from '@fairway/protocol';

/** What came of holding a decoded object against its schema. */
export interface Conformity {
  /** Paths of fields that the schema does not know, in the order met. */
  readonly unknownFields: readonly string[];
  /** The first value of the wrong type, in the words of the API; undefined when all fit. */
  readonly typeError: string | undefined;
}

type Json = Record<string, unknown>;

/**
 * Makes a freshly decoded object what its schema says: drops unknown fields, nulls, empty lists and
 * maps and zeros that say nothing, and writes numbers in string fields of mixed type (`Quantity`) as
 * strings. So two objects that mean the same are equal. Changes `draft` in place.
 *
 * Source: what Go's JSON decoder does with the structs of a built-in kind.
 */
export function conformToSchema(
  draft: object,
  { schema, kind }: { readonly schema: Schema; readonly kind: string },
): Conformity {
  const walk: Walk = { unknownFields: [], typeError: undefined, kind, path: [], fields: [] };
  conformObject(draft as Json, schema, walk);
  return walk;
}

interface Walk {
  readonly unknownFields: string[];
  typeError: string | undefined;
  readonly kind: string;
  /** Field names and `[index]` steps from the root to where the walk is. */
  readonly path: string[];
  /** Of these, the fields that the schema names; the rest are keys of maps and places in lists. */
  readonly fields: string[];
}

function conformObject(object: Json, schema: Schema, walk: Walk): void {
  const { properties, additionalProperties } = schema;
  if (properties === undefined && additionalProperties === undefined) return;
  for (const field of Object.keys(object)) {
    const child = properties?.get(field) ?? additionalProperties;
    const value = object[field];
    if (child === undefined) {
      if (schema.preservesUnknownFields === true) continue;
      walk.unknownFields.push(pathTo(walk, field));
      delete object[field];
    } else if (value === null) {
      delete object[field];
    } else {
      const isNamed = properties?.has(field) === true;
      walk.path.push(field);
      if (isNamed) walk.fields.push(field);
      object[field] = conformValue(value, child, walk);
      if (isNamed) walk.fields.pop();
      walk.path.pop();
      if (isNamed && isLeftOut(field, object[field], schema)) delete object[field];
    }
  }
}

/**
 * Optional lists and maps without anything in them are not written, nor are zeros where they say no
 * more than an absent field. Source: `omitempty` in Go.
 */
function isLeftOut(field: string, value: unknown, owner: Schema): boolean {
  const schema = owner.properties?.get(field) ?? {};
  switch (value) {
    case false:
    case 0:
      return isPlain(schema) && owner.keepsZero?.has(field) === false;
    case '':
      return (isPlain(schema) || schema.format === 'byte') && owner.keepsZero?.has(field) === false;
    default:
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

function conformValue(value: unknown, schema: Schema, walk: Walk): unknown {
  if (schema.isIntOrString === true) return conformIntOrString(value, walk);
  if (schema.format === 'quantity') return conformQuantity(value, walk);
  switch (schema.type) {
    case undefined:
      return value;
    case 'object':
      if (!isJsonObject(value)) return reportType(value, schema, walk);
      conformObject(value, schema, walk);
      return value;
    case 'array':
      if (!Array.isArray(value)) return reportType(value, schema, walk);
      return conformItems(value, schema.items ?? {}, walk);
    case 'integer':
      return Number.isInteger(value) ? value : reportType(value, schema, walk);
    case 'string':
      if (typeof value !== 'string') return reportType(value, schema, walk);
      return schema.format === 'byte' ? conformBase64(value, walk) : value;
    default:
      return typeof value === schema.type ? value : reportType(value, schema, walk);
  }
}

/** Line breaks are allowed, and not kept. */
function conformBase64(value: string, walk: Walk): string {
  const text = value.replaceAll(/[\r\n]/g, '');
  const end = text.length % 4 === 0 ? /[^A-Za-z0-9+/]/.exec(text)?.index : text.length;
  const isPadding = end !== undefined && /^={1,2}$/.test(text.slice(end)) && text.length % 4 === 0;
  if (end !== undefined && !isPadding) {
    walk.typeError ??= `illegal base64 data at input byte ${end}`;
  }
  return text;
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

function zeroOf(schema: Schema): unknown {
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

function conformIntOrString(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string' || Number.isInteger(value)) return value;
  return reportMismatch(value, 'intstr.IntOrString', walk);
}

function conformQuantity(value: unknown, walk: Walk): unknown {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : reportMismatch(value, 'resource.Quantity', walk);
}

function reportType(value: unknown, schema: Schema, walk: Walk): unknown {
  return reportMismatch(value, goTypeOf(schema), walk);
}

function reportMismatch(value: unknown, expected: string, walk: Walk): unknown {
  if (walk.typeError === undefined) {
    const field = walk.fields.join('.');
    walk.typeError = `json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field ${walk.kind}.${field} of type ${expected}`;
  }
  return value;
}

function pathTo(walk: Walk, field: string): string {
  let text = '';
  for (const step of walk.path) text += step.startsWith('[') || text === '' ? step : `.${step}`;
  return text === '' ? field : `${text}.${field}`;
}

function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value;
}

function goTypeOf(schema: Schema): string {
  switch (schema.type) {
    case 'integer':
      return schema.format ?? 'int64';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'array':
      return `[]${goTypeOf(schema.items ?? {})}`;
    case 'object':
      return schema.additionalProperties === undefined
        ? 'object'
        : `map[string]${goTypeOf(schema.additionalProperties)}`;
    default:
      return schema.type ?? 'interface {}';
  }
}

export function isJsonObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
