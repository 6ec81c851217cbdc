import {
  type KubernetesObject,
  type ManagedFieldsEntry,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';

type FieldsV1 = NonNullable<ManagedFieldsEntry['fieldsV1']>;

/** The text that an entry was made of. A copy of the entry, which may differ, holds that of another. */
class FieldsText {
  readonly entry: ManagedFieldsEntry;
  readonly text: string;
  #fields: FieldsV1 | undefined;

  constructor(entry: ManagedFieldsEntry, text: string) {
    this.entry = entry;
    this.text = text;
  }

  get fields(): FieldsV1 {
    return (this.#fields ??= JSON.parse(this.text) as FieldsV1);
  }
}

const fieldsText = Symbol('fieldsText');

type EntryOfText = ManagedFieldsEntry & { [fieldsText]?: FieldsText };

/** One for all entries: JavaScript takes long for objects of which each has a function of its own. */
const readFields: PropertyDescriptor = {
  enumerable: true,
  configurable: true,
  get(this: EntryOfText) {
    return this[fieldsText]?.fields;
  },
};

/**
 * An entry of `managedFields` made of the text of its `fieldsV1`. The store gets the text as it is, so
 * that most entries are never read back.
 */
export function entryOfText(entry: ManagedFieldsEntry, fieldsV1: string): ManagedFieldsEntry {
  const { subresource, fieldsV1: _, ...head } = entry;
  const made: { subresource?: string } & EntryOfText = head;
  Object.defineProperty(made, 'fieldsV1', readFields);
  if (subresource !== undefined) made.subresource = subresource;
  made[fieldsText] = new FieldsText(made, fieldsV1);
  return made;
}

/** The JSON of the `fieldsV1` of an entry. */
export function fieldsTextOf(entry: EntryOfText): string {
  const own = entry[fieldsText];
  return own?.entry === entry ? own.text : stringifyJson(entry.fieldsV1 ?? {});
}

/** The JSON of `metadata.managedFields`. */
export function managedFieldsText(entries: readonly ManagedFieldsEntry[]): string {
  return `[${entries.map(entryText).join(',')}]`;
}

function entryText(entry: EntryOfText): string {
  const own = entry[fieldsText];
  if (own?.entry !== entry) return JSON.stringify(entry);
  const { manager, operation, apiVersion, time, fieldsType, subresource } = entry;
  const head = JSON.stringify({ manager, operation, apiVersion, time, fieldsType });
  const tail = subresource === undefined ? '' : `,"subresource":${JSON.stringify(subresource)}`;
  return `${head.slice(0, -1)},"fieldsV1":${own.text}${tail}}`;
}

const listStart = '"managedFields":[';
const fieldsStart = '"fieldsV1":';

/**
 * Reads the JSON of an object as it is stored, but of its owners only who they are: what they own is a third
 * of most objects, and read when somebody asks.
 */
export function parseObject(text: string): KubernetesObject {
  const { rest, fields } = cutFields(text);
  const object = parseJson(rest) as KubernetesObject;
  if (fields.length === 0) return object;
  const { metadata } = object;
  const { managedFields = [] } = metadata ?? {};
  const areTheirs =
    managedFields.length === fields.length &&
    managedFields.every(({ fieldsV1 }) => fieldsV1 === null);
  // Objects of other kinds may have such names anywhere.
  if (!areTheirs) return parseJson(text) as KubernetesObject;
  const entries = managedFields.map((entry, at) => entryOfText(entry, fields[at] ?? ''));
  return { ...object, metadata: { ...metadata, managedFields: entries } };
}

/** Takes the `fieldsV1` of all entries out of the JSON of an object; null stands in their places. */
function cutFields(text: string): { readonly rest: string; readonly fields: readonly string[] } {
  const fields: string[] = [];
  let [rest, end] = ['', 0];
  let entry = text.indexOf(listStart);
  while (entry >= 0) {
    const name = text.indexOf(fieldsStart, entry);
    const start = name + fieldsStart.length;
    if (name < 0 || text.charCodeAt(start) !== opening) break;
    rest += `${text.slice(end, start)}null`;
    end = endOfObject(text, start);
    fields.push(text.slice(start, end));
    const next = text.indexOf('}', end) + 1;
    entry = text[next] === ',' ? next : -1;
  }
  return { rest: rest + text.slice(end), fields };
}

/** Behind an object of JSON that begins at `start`. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case opening:
        depth++;
        break;
      case closing:
        if (--depth === 0) return at + 1;
    }
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) {
    at += text.charCodeAt(at) === backslash ? 2 : 1;
  }
  return at;
}

const [quote, backslash, opening, closing] = [0x22, 0x5c, 0x7b, 0x7d];
