import { giveWay } from '@fairway/host';
import {
  type JsonObject,
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
  type OwnedFields,
  type VersionedObject,
  WriteChanges,
  createdFieldsV1,
  fieldElement,
  isOwnable,
  updateOwners,
  zeroObject,
} from '@fairway/schema';
import type { Call, ShowParts } from '../calls/call.ts';
import { capManagers } from './ancient-changes.ts';
import { managerName } from './manager-name.ts';
import {
  type FieldManager,
  type Managers,
  decodeManagers,
  encodeManagers,
  entryOf,
  managerKey,
  readManagers,
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
  const known = knownManagers(call, write);
  if (known.owners.size === 0) return stored === undefined ? createdBy(call, write) : undefined;
  if (isScaledAnew(call, known)) return encodeManagers(known);
  const after = seenBy(call, object);
  const before = {
    ...after,
    object: stored === undefined ? startOf(call) : seenBy(call, stored).object,
  };
  // Only definitions change their schemas.
  if (!call.resource.isBuiltIn && !isOwnable(before.object, before.schema)) return undefined;
  const scope = writeScope(call);
  const changes = new WriteChanges(before, after, scope);
  await giveWay();
  const owner = managerKey(writerOf(call, write));
  const { owners, isOwned } = await updateOwners(known.owners, changes, { ...scope, owner });
  const times = isOwned ? new Map(known.times).set(owner, timeOf(call)) : known.times;
  await giveWay();
  return encodeManagers(capManagers({ owners, times }));
}

/** Who creates an object owns all of it: most writes of this kind, and the cheapest. */
function createdBy(call: Call<ShowParts & VersionParts>, write: OwnedWrite): Entries {
  const { schema } = call.resource;
  const { object } = versioned(call, write.object);
  const scope = writeScope(call);
  const fieldsV1 = createdFieldsV1(object, { schema, start: startOf(call), ...scope });
  if (fieldsV1 === '{}') return [];
  return [entryOf(writerOf(call, write), timeOf(call), fieldsV1)];
}

/**
 * Tells whether a scale is written whose number nobody has owned: no owner is noted of it then either.
 * Source: kube-apiserver, `skipNonAppliedManager`, which looks at the owners of the scale alone.
 */
function isScaledAnew(call: Call, { owners }: Managers): boolean {
  const path = scaledField(call);
  if (path === undefined) return false;
  const field = FieldSet.ofPaths(path.map(fieldElement));
  const isOwnedBy = (owned: OwnedFields): boolean =>
    owned.touches?.(field) !== false && !owned.fields.intersection(field).isEmpty;
  return ![...owners.values()].some(isOwnedBy);
}

/** Where an object keeps its number when its scale is written; undefined for other writes. */
function scaledField({ resource, target }: Call): readonly string[] | undefined {
  if (target.subresource !== 'scale') return undefined;
  return resource.subresources.get('scale')?.scale?.specReplicas;
}

/** A scale leaves out that there are to be none. */
function seenBy(call: Call, object: KubernetesObject): VersionedObject {
  const seen = versioned(call, object);
  const path = scaledField(call);
  return path === undefined ? seen : { ...seen, object: withoutZero(seen.object, path) };
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

/** The owners that a write starts from: its own when it brings some that can be read. */
function knownManagers({ target }: Call, { object, stored }: OwnedWrite): Managers {
  const before = stored?.metadata?.managedFields ?? [];
  const given = object.metadata?.managedFields;
  const isSilent = target.subresource !== '' || given === undefined || equalsJson(given, before);
  if (isSilent) return readManagers(before);
  if (isReset(given)) return readManagers([]);
  const decoded = decodeManagers(given);
  return decoded === undefined || decoded.owners.size === 0 ? readManagers(before) : decoded;
}

/** An empty list, or one empty entry, says that nobody is to own anything. */
function isReset(given: Entries): boolean {
  return given.length === 0 || (given.length === 1 && Object.keys(given[0] ?? {}).length === 0);
}

function writerOf(call: Call, { options }: OwnedWrite): FieldManager {
  return {
    manager: managerName(call, options),
    operation: 'Update',
    apiVersion: apiVersionOf(call.resource),
    subresource: call.target.subresource,
  };
}
