import type { ManagedFieldsEntry } from '@fairway/protocol';

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
export function entryOfText(
  entry: Omit<ManagedFieldsEntry, 'fieldsV1'>,
  fieldsV1: string,
): ManagedFieldsEntry {
  const { subresource, ...head } = entry;
  const made: { subresource?: string } & EntryOfText = head;
  Object.defineProperty(made, 'fieldsV1', readFields);
  if (subresource !== undefined) made.subresource = subresource;
  made[fieldsText] = new FieldsText(made, fieldsV1);
  return made;
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
