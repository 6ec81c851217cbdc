import {
  type JsonObject,
  type JsonValue,
  type KubernetesObject,
  type ManagedFieldsEntry,
  type WriteOptions,
  apiVersionOf,
  equalsJson,
  formatTime,
  isJsonObject,
} from '@fairway/protocol';
import {
  FieldSet,
  type VersionedObject,
  WriteChanges,
  touchesFields,
  updateOwners,
  zeroObject,
} from '@fairway/schema';
import type { Call, ShowParts } from '../calls/call.ts';
import { capManagers, updateManagersMax } from './ancient-changes.ts';
import { fieldManagerOf } from './who-writes.ts';
import {
  type Managers,
  decodeManagers,
  encodeManagers,
  keyOfEntry,
  managerKey,
  sortEntries,
} from './managed-fields.ts';
import { type VersionParts, versioned, writeScope } from './write-scope.ts';

type Entries = readonly ManagedFieldsEntry[];

export interface OwnedWrite {
  /** As the caller wants it, with defaults, before admission adds anything. */
  readonly object: KubernetesObject;
  /** What it takes the place of; absent for a new object. */
  readonly stored?: KubernetesObject;
  readonly options: WriteOptions;
}

/**
 * What `metadata.managedFields` say after a write that is no apply: who wrote owns what it has
 * changed. Undefined where nobody is known to own anything, which a caller can ask for.
 *
 * Owners whose fields a write does not touch are not read.
 *
 * Source: Kubernetes, "Server-Side Apply", "Field management"; kube-apiserver, `FieldManager.Update`.
 */
export async function settleOwnership(
  call: Call<ShowParts & VersionParts>,
  write: OwnedWrite,
): Promise<Entries | undefined> {
  const { object, stored } = write;
  const entries = entriesOf(call, write);
  if (stored !== undefined && entries.length === 0) return undefined;
  const after = seenBy(call, object);
  const before = {
    ...after,
    object: stored === undefined ? startOf(call) : seenBy(call, stored).object,
  };
  const scope = writeScope(call);
  const changes = new WriteChanges(before, after, scope);
  const touched = fieldsIn(changes).difference(scope.unowned);
  if (touched.isEmpty && entries === stored?.metadata?.managedFields) return entries;
  const isTrusted = entries === stored?.metadata?.managedFields;
  const key = keyOf(call, write);
  const isUntouched = (entry: ManagedFieldsEntry): boolean =>
    isTrusted &&
    entry.apiVersion === changes.apiVersion &&
    !touchesFields((entry.fieldsV1 ?? {}) as JsonValue, touched) &&
    keyOfEntry(entry) !== key;
  const untouched = entries.filter(isUntouched);
  const read = decodeManagers(entries.filter((entry) => !untouched.includes(entry))) ?? none;
  const { owners, taken } = await updateOwners(read.owners, changes, scope);
  const by = { key, taken, now: timeOf(call), apiVersion: changes.apiVersion };
  const managers = take({ owners, times: read.times }, by);
  return merge(untouched, managers);
}

const none: Managers = { owners: new Map(), times: new Map() };

/** A scale leaves out that there are to be none. */
function seenBy(call: Call, object: KubernetesObject): VersionedObject {
  const seen = versioned(call, object);
  const { resource, target } = call;
  const path = resource.subresources.get('scale')?.scale?.specReplicas;
  if (target.subresource !== 'scale' || path === undefined) return seen;
  return { ...seen, object: withoutZero(seen.object, path) };
}

function withoutZero(object: JsonObject, [name = '', ...path]: readonly string[]): JsonObject {
  const { [name]: value, ...rest } = object;
  if (path.length === 0) return value === 0 ? rest : object;
  return isJsonObject(value) ? { ...rest, [name]: withoutZero(value, path) } : object;
}

/** Who writes a scale is noted without a time. Source: kube-apiserver, `ScaleHandler`. */
function timeOf({ target, parts }: Call<ShowParts>): string | undefined {
  return target.subresource === 'scale' ? undefined : formatTime(parts.clock.now());
}

function startOf({ resource }: Call): ReturnType<typeof zeroObject> {
  // Objects of other kinds are there with what they say, and nothing else.
  return resource.isBuiltIn ? zeroObject(resource.schema) : {};
}

function fieldsIn({ own: { added, modified, removed } }: WriteChanges): FieldSet {
  return added.union(modified).union(removed);
}

/** The entries that a write starts from: its own when it brings some that can be read. */
function entriesOf({ target }: Call, { object, stored }: OwnedWrite): Entries {
  const before = stored?.metadata?.managedFields ?? [];
  const given = object.metadata?.managedFields;
  if (target.subresource !== '' || given === undefined || equalsJson(given, before)) return before;
  if (isReset(given)) return [];
  const decoded = decodeManagers(given);
  if (decoded === undefined || decoded.owners.size === 0) return before;
  return given;
}

/** An empty list, or one empty entry, says that nobody is to own anything. */
function isReset(given: Entries): boolean {
  return given.length === 0 || (given.length === 1 && Object.keys(given[0] ?? {}).length === 0);
}

function keyOf(call: Call, { options }: OwnedWrite): string {
  return managerKey({
    manager: fieldManagerOf(call, options),
    operation: 'Update',
    apiVersion: apiVersionOf(call.resource),
    subresource: call.target.subresource,
  });
}

/** Adds what who wrote has taken to what it had. */
function take(
  { owners, times }: Managers,
  by: {
    readonly key: string;
    readonly taken: FieldSet;
    readonly now: string | undefined;
    readonly apiVersion: string;
  },
): Managers {
  const { key, taken, now, apiVersion } = by;
  if (taken.isEmpty) return { owners, times };
  const fields = taken.union(owners.get(key)?.fields ?? FieldSet.empty);
  const owned = { fields, apiVersion, isApplied: false };
  return { owners: new Map(owners).set(key, owned), times: new Map(times).set(key, now) };
}

function merge(untouched: Entries, managers: Managers): Entries {
  const entries = [...untouched, ...encodeManagers(managers)];
  const updates = entries.filter(({ operation }) => operation === 'Update').length;
  if (updates <= updateManagersMax) return sortEntries(entries);
  const all = decodeManagers(entries);
  return sortEntries(all === undefined ? entries : encodeManagers(capManagers(all)));
}
