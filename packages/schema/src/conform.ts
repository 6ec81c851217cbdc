import { goStringTypes } from '@fairway/kinds/schema';
import {
  type Schema,
  canonicalQuantity,
  checkQuantity,
  formatQuantity,
  parseQuantity,
  readGoTime,
} from '@fairway/protocol';

/** What came of holding a decoded object against its schema. */
export interface Conformity {
  /** Paths of fields that the schema does not know, in the order met; the first thousand of them. */
  readonly unknownFields: readonly string[];
  /** The first value of the wrong type, in the words of the API; undefined when all fit. */
  readonly typeError: string | undefined;
}

type Json = Record<string, unknown>;

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

interface Walk {
  readonly unknownFields: string[];
  typeError: string | undefined;
  readonly kind: string;
  readonly root: Schema;
  readonly numberTexts: ConformedAs['numberTexts'];
  readonly isUnstructured: boolean;
  /** Field names and `[index]` steps from the root to where the walk is. */
  readonly path: string[];
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

function zeroInMap({ type, format }: Schema): string | undefined {
  if (format === 'quantity') return '0';
  return type === 'string' ? '' : undefined;
}

/**
 * Amounts of resources say thousandths at the finest; what is less counts as one.
 * Source: core/v1, SetDefaults_ResourceList.
 */
function wholeMillis(text: string): string {
  if (!/[nu]$|\d{4}m$|[eE]-|\.\d{4}/.test(text)) return text;
  const quantity = parseQuantity(text);
  if (quantity === undefined || quantity.nanos % 1_000_000n === 0n) return text;
  const isAbove = quantity.nanos > 0n ? 1n : 0n;
  const nanos = (quantity.nanos / 1_000_000n + isAbove) * 1_000_000n;
  return formatQuantity({ ...quantity, nanos });
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

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** `5.0` is none, and neither is `1e1`. */
function isInteger(value: unknown, format: string | undefined, walk: Walk): boolean {
  return fitsInteger(value, format) && writtenAs(walk) === undefined;
}

/** Of a number in memory that has no fraction Go keeps the lower 32 bits, without a word. */
function cutOff(value: unknown, { format }: Schema, walk: Walk): number | undefined {
  if (!walk.isUnstructured || format !== 'int32' || !isNumber(value)) return undefined;
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  return isWhole ? Number(BigInt.asIntN(32, BigInt(value))) : undefined;
}

function writtenAs({ numberTexts, path }: Walk): string | undefined {
  return numberTexts?.get(joined(path));
}

function fitsInteger(value: unknown, format: string | undefined): boolean {
  // What no number holds has more than 32 bits, and was read only if it has no more than 64.
  if (typeof value === 'bigint') return format !== 'int32';
  if (!Number.isInteger(value)) return false;
  const max = format === 'int32' ? 2 ** 31 : 2 ** 63;
  return (value as number) < max && (value as number) >= -max;
}

/** Undefined when there is nothing to keep: the zero time. */
function conformText(value: string, format: string, walk: Walk): string | undefined {
  switch (format) {
    case 'byte':
      return conformBase64(value, walk);
    case 'date-time':
    case 'micro-time': {
      const time = readGoTime(value, format === 'date-time' ? 'seconds' : 'micros');
      if (time.kind === 'time') return time.text;
      walk.typeError ??= time.problem;
      return value;
    }
    default:
      return value;
  }
}

/** Bytes may come as a list of numbers, too. */
function conformBytes(bytes: readonly unknown[], walk: Walk): unknown {
  for (const byte of bytes) {
    if (!Number.isInteger(byte) || (byte as number) < 0 || (byte as number) > 255) {
      return reportMismatch(byte, 'uint8', walk);
    }
  }
  return Buffer.from(bytes as readonly number[]).toString('base64');
}

/** Line breaks are allowed, and not kept. */
function conformBase64(value: string, walk: Walk): string {
  const text = value.replaceAll(/[\r\n]/g, '');
  const isWhole = text.length % 4 === 0;
  const end = /[^A-Za-z0-9+/]/.exec(text)?.index ?? (isWhole ? undefined : quantumOf(text));
  const isPadding = end !== undefined && /^={1,2}$/.test(text.slice(end)) && isWhole;
  if (end !== undefined && !isPadding) {
    const where = walk.isUnstructured ? 'error decoding from json: ' : '';
    walk.typeError ??= `${where}illegal base64 data at input byte ${end}`;
  }
  return text;
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

/** Where the last four letters begin, which are fewer. */
function quantumOf(text: string): number {
  return text.length - (text.length % 4);
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
  if (typeof value === 'string' || isInteger(value, 'int32', walk)) return value;
  return reportMismatch(value, 'int32', walk);
}

function conformQuantity(value: unknown, walk: Walk): unknown {
  if (typeof value !== 'string' && !isNumber(value)) {
    return reportMismatch(value, 'resource.Quantity', walk);
  }
  const text = (typeof value === 'string' ? value : (writtenAs(walk) ?? String(value))).trim();
  const kept = canonicalQuantity(text);
  if (kept === undefined) walk.typeError ??= checkQuantity(text);
  return kept ?? text;
}

function reportType(value: unknown, schema: Schema, walk: Walk): unknown {
  return reportMismatch(value, goTypeOf(schema), walk);
}

function reportMismatch(value: unknown, expected: string, walk: Walk): unknown {
  if (walk.typeError === undefined) {
    const showsDigits = isNumber(value) && /^u?int/.test(expected);
    if (showsDigits && walk.isUnstructured && !Number.isInteger(Number(value))) {
      walk.typeError = `cannot convert float64 to ${expected}`;
      return value;
    }
    const found = showsDigits ? `number ${writtenAs(walk) ?? value}` : jsonTypeOf(value);
    const { field, stringType } = goFieldAt(walk);
    const type = expected === 'string' ? stringType : expected;
    walk.typeError = `json: cannot unmarshal ${found} into Go struct field ${field} of type ${type}`;
  }
  return value;
}

/**
 * What Go calls the place: the struct that the field is in, then all fields from the root. Keys of
 * maps and places in lists are not among them.
 */
function goFieldAt({ kind, root, path }: Walk): {
  readonly field: string;
  readonly stringType: string;
} {
  let owner = `v1.${kind}`;
  let schema: Schema | undefined = root;
  const fields: string[] = [];
  for (const step of path) {
    const property: Schema | undefined = schema?.properties?.get(step);
    if (property === undefined) {
      schema = schema?.items ?? schema?.additionalProperties;
      continue;
    }
    owner = schema?.goType ?? owner;
    const embedded = schema?.embedded?.get(step);
    if (embedded !== undefined) fields.push(embedded);
    fields.push(step);
    schema = property;
  }
  const isItself = schema?.type === 'string';
  return {
    field: `${owner.split('.').at(-1)}.${fields.join('.')}`,
    stringType: (isItself && goStringTypes.get(`${owner}.${fields.at(-1)}`)) || 'string',
  };
}

function pathTo(walk: Walk, field: string): string {
  const text = joined(walk.path);
  return text === '' ? field : `${text}.${field}`;
}

function joined(path: readonly string[]): string {
  let text = '';
  for (const step of path) text += step.startsWith('[') || text === '' ? step : `.${step}`;
  return text;
}

export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
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
        ? (schema.goType ?? 'object')
        : `map[string]${goTypeOf(schema.additionalProperties)}`;
    case 'string':
      return schema.format === 'byte' ? '[]uint8' : 'string';
    default:
      return schema.type ?? 'interface {}';
  }
}

export function isJsonObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
