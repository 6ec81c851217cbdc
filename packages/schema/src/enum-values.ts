import {
  type JsonValue,
  type Schema,
  isJsonArray,
  isJsonObject,
  unsupported,
  stringifyJson,
} from '@fairway/protocol';
import type { Effort, Walk } from './walk.ts';

/** The values that a schema allows, so that asking for one costs the same however many there are. */
class EnumValues {
  readonly #allowed: ReadonlySet<string>;
  /** Their text for messages, made once. */
  readonly detail: string;

  constructor(allowed: ReadonlySet<string>, detail: string) {
    this.#allowed = allowed;
    this.detail = detail;
  }

  has(value: unknown, effort: Effort): boolean {
    const text = canonicalJson(value as JsonValue);
    effort.add(text.length);
    return this.#allowed.has(text);
  }
}

const made = new WeakMap<Schema, EnumValues>();

/** What a schema allows; undefined when it allows every value, or was not computed yet. */
export function madeEnumValues(schema: Schema): EnumValues | undefined {
  return made.get(schema);
}

/** True when a schema names the values that it allows, and nothing was held against it before. */
export function isEnumUnmade(schema: Schema): boolean {
  return schema.enum !== undefined && !made.has(schema);
}

/** Makes what a schema allows, with the first value that is held against it. */
export function* makeEnumValues(schema: Schema, effort: Effort): Walk<void> {
  const allowed = new Set<string>();
  const texts: string[] = [];
  for (const value of schema.enum ?? []) {
    const text = canonicalJson(value as JsonValue);
    allowed.add(text);
    texts.push(typeof value === 'string' ? value : (stringifyJson(value) ?? 'null'));
    effort.add(10 * text.length);
    if (effort.isPauseDue()) yield;
  }
  made.set(schema, new EnumValues(allowed, unsupported('', undefined, texts).detail));
}

/** JSON that is the same for values that are equal: fields in the order of their names. */
export function canonicalJson(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isJsonObject(value)) return stringifyJson(value) ?? 'null';
  const fields = Object.keys(value).sort();
  const members = fields.map(
    (field) => `${JSON.stringify(field)}:${canonicalJson(value[field] ?? null)}`,
  );
  return `{${members.join()}}`;
}
