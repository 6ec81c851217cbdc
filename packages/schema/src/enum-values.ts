import {
  type JsonValue,
  type Schema,
  isJsonArray,
  isJsonObject,
  unsupported,
} from '@fairway/protocol';
import type { Effort } from './walk.ts';

/** The values that a schema allows, so that asking for one costs the same however many there are. */
export class EnumValues {
  readonly #allowed: ReadonlySet<string>;
  /** What a message says of them, written once for all who fail. */
  readonly detail: string;

  constructor(values: readonly unknown[]) {
    this.#allowed = new Set(values.map((value) => canonicalJson(value as JsonValue)));
    const texts = values.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    this.detail = unsupported('', undefined, texts).detail;
  }

  has(value: unknown, effort: Effort): boolean {
    const text = canonicalJson(value as JsonValue);
    effort.add(text.length);
    return this.#allowed.has(text);
  }
}

const made = new WeakMap<Schema, EnumValues>();

/** What a schema allows, made with the first value that is held against it. */
export function enumValuesOf(schema: Schema): EnumValues | undefined {
  if (schema.enum === undefined) return undefined;
  let values = made.get(schema);
  if (values === undefined) made.set(schema, (values = new EnumValues(schema.enum)));
  return values;
}

/** JSON that is the same for values that are equal: fields in the order of their names. */
export function canonicalJson(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  const members = fields.map(
    (field) => `${JSON.stringify(field)}:${canonicalJson(value[field] ?? null)}`,
  );
  return `{${members.join()}}`;
}
