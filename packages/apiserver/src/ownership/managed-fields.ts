import type { JsonValue, ManagedFieldsEntry } from '@fairway/protocol';
import {
  FieldSet,
  type OwnedFields,
  type Owners,
  decodeFieldsV1,
  encodeFieldsV1,
  coversFields,
  touchesFields,
} from '@fairway/schema';
import { entryOfText, fieldsTextOf } from '../storage/managed-fields-text.ts';
import { unownedFields } from './reset-fields.ts';

/** Who wrote, and how: what tells one entry of `managedFields` from another. */
export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

type Times = ReadonlyMap<string, string | undefined>;

/** The owners of an object by their keys, and when each last wrote. */
export interface Managers {
  readonly owners: Owners;
  readonly times: Times;
}

/**
 * The key of a manager. One that applies is the same in every version, so that it can go to another
 * one.
 */
export function managerKey({ manager, operation, apiVersion, subresource }: FieldManager): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}

/** The manager of a key; of one that applies without the version. */
export function managerOfKey(key: string): FieldManager {
  return {
    apiVersion: '',
    subresource: '',
    ...(JSON.parse(key) as Partial<FieldManager>),
  } as FieldManager;
}

export function keyOfEntry(entry: ManagedFieldsEntry): string {
  const { manager = '', operation, apiVersion = '', subresource = '' } = entry;
  return managerKey({
    manager,
    operation: operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion,
    subresource,
  });
}

/** The owner that an entry is about. What this server has written is read when somebody asks. */
class EntryOwner implements OwnedFields {
  readonly entry: ManagedFieldsEntry;
  readonly apiVersion: string;
  readonly isApplied: boolean;
  #fields: FieldSet | undefined;

  constructor(entry: ManagedFieldsEntry, fields?: FieldSet) {
    this.entry = entry;
    this.apiVersion = entry.apiVersion ?? '';
    this.isApplied = entry.operation === 'Apply';
    this.#fields = fields;
  }

  get fields(): FieldSet {
    const { fieldsV1 = {} } = this.entry;
    this.#fields ??= decodeFieldsV1(fieldsV1 as JsonValue, { isOwn: true }) ?? FieldSet.empty;
    return this.#fields;
  }

  get text(): string {
    return fieldsTextOf(this.entry);
  }

  touches(fields: FieldSet): boolean {
    if (!namesAnyOf(this.text, fields)) return false;
    return touchesFields((this.entry.fieldsV1 ?? {}) as JsonValue, fields);
  }

  covers(fields: FieldSet): boolean {
    return coversFields((this.entry.fieldsV1 ?? {}) as JsonValue, fields);
  }
}

/** Whether a text of `fieldsV1` has one of the first steps of a set: who has none need not be read. */
function namesAnyOf(text: string, { children }: FieldSet): boolean {
  if (children.size > fewNamesMax) return true;
  return [...children.keys()].some((element) => text.includes(JSON.stringify(element)));
}

const fewNamesMax = 8;

/** The owners that stored entries are about. */
export function readManagers(entries: readonly ManagedFieldsEntry[]): Managers {
  return managersOf(entries, (entry) => new EntryOwner(entry));
}

/** Reads the entries that a caller sends; undefined when one of them is none. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  const fieldsOf = new Map<ManagedFieldsEntry, FieldSet>();
  for (const entry of entries) {
    const { operation, apiVersion = '', fieldsType, fieldsV1 = {} } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    if (apiVersion === '' || fieldsType !== 'FieldsV1') return undefined;
    const fields = decodeFieldsV1(fieldsV1 as JsonValue);
    if (fields === undefined) return undefined;
    fieldsOf.set(entry, fields.difference(unownedFields));
  }
  return managersOf(entries, (entry) => {
    const { apiVersion = '', operation } = entry;
    const fields = fieldsOf.get(entry) ?? FieldSet.empty;
    return { fields, apiVersion, isApplied: operation === 'Apply' };
  });
}

function managersOf(
  entries: readonly ManagedFieldsEntry[],
  ownerOf: (entry: ManagedFieldsEntry) => OwnedFields,
): Managers {
  const owners = new Map<string, OwnedFields>();
  const times = new Map<string, string | undefined>();
  for (const entry of entries) {
    const key = keyOfEntry(entry);
    owners.set(key, ownerOf(entry));
    times.set(key, entry.time);
  }
  return { owners, times };
}

/** Writes entries in the order of the API. Owners that nothing has changed keep theirs. */
export function encodeManagers({ owners, times }: Managers): readonly ManagedFieldsEntry[] {
  const entries: ManagedFieldsEntry[] = [];
  for (const [key, owned] of owners) {
    const time = times.get(key);
    if (owned instanceof EntryOwner && owned.entry.time === time) {
      entries.push(owned.entry);
      continue;
    }
    const fieldsV1 = owned.text ?? encodeFieldsV1(owned.fields);
    const manager = { ...managerOfKey(key), apiVersion: owned.apiVersion };
    if (fieldsV1 !== '{}') entries.push(entryOf(manager, time, fieldsV1));
  }
  return sortEntries(entries);
}

/** The entry of somebody who owns what the text of `fieldsV1` says. */
export function entryOf(
  { manager, operation, apiVersion, subresource }: FieldManager,
  time: string | undefined,
  fieldsV1: string,
): ManagedFieldsEntry {
  const name = manager === '' ? {} : { manager };
  const head = { ...name, operation, apiVersion, ...(time === undefined ? {} : { time }) };
  const entry = { ...head, fieldsType: 'FieldsV1' };
  const view = subresource === '' ? {} : { subresource };
  return entryOfText({ ...entry, ...view }, fieldsV1);
}

/** Who applies first, then who wrote longest ago. Changes the list. */
function sortEntries(entries: ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
  return entries.sort(
    (one, other) =>
      compare(one.operation, other.operation) ||
      compare(one.time, other.time) ||
      compare(one.manager, other.manager) ||
      compare(one.apiVersion, other.apiVersion) ||
      compare(one.subresource, other.subresource),
  );
}

function compare(one = '', other = ''): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
