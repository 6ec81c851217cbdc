import type { JsonValue, ManagedFieldsEntry } from '@fairway/protocol';
import { type OwnedFields, type Owners, decodeFieldsV1, encodeFieldsV1 } from '@fairway/schema';

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

/** Reads `managedFields`; undefined when an entry is not one. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  const owners = new Map<string, OwnedFields>();
  const times = new Map<string, string | undefined>();
  for (const entry of entries) {
    const { operation, apiVersion = '', fieldsType, fieldsV1 = {} } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    if (apiVersion === '' || fieldsType !== 'FieldsV1') return undefined;
    const fields = decodeFieldsV1(fieldsV1 as JsonValue);
    if (fields === undefined) return undefined;
    const key = keyOfEntry(entry);
    owners.set(key, { fields, apiVersion, isApplied: operation === 'Apply' });
    times.set(key, entry.time);
  }
  return { owners, times };
}

export function encodeManagers({ owners, times }: Managers): ManagedFieldsEntry[] {
  return [...owners].map(([key, { fields, apiVersion }]) => {
    const { manager, operation, subresource } = managerOfKey(key);
    const time = times.get(key);
    return {
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFieldsV1(fields),
      ...(subresource === '' ? {} : { subresource }),
    };
  });
}

/** In the order of the API: who applies first, then who wrote longest ago. Changes the list. */
export function sortEntries(entries: ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
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
