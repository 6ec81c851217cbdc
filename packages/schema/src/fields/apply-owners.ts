import { type JsonObject, equalsJson } from '@fairway/protocol';
import { FieldSet } from './field-set.ts';
import { appliedFields, fitToSchema, withNamedFields } from './fields-of.ts';
import { mergeApplied } from './merge-applied.ts';
import {
  type FieldConflict,
  type OwnedFields,
  type Owners,
  type VersionedObject,
  type WriteScope,
  inVersion,
} from './owners.ts';
import { removeFields } from './remove-fields.ts';
import { withoutChanged } from './update-owners.ts';
import { WriteChanges } from './write-changes.ts';

export interface Application {
  readonly who: string;
  readonly live: VersionedObject;
  /** What `who` wants of it, in the same version: checked by `checkApplied`. */
  readonly config: JsonObject;
  /** Takes fields from their owners. */
  readonly force: boolean;
}

export type Applied =
  | { readonly kind: 'conflicts'; readonly conflicts: readonly FieldConflict[] }
  | {
      readonly kind: 'applied';
      readonly object: JsonObject;
      readonly owners: Owners;
      /** The object is as it was. Its owners may not be. */
      readonly isUnchanged: boolean;
    };

/**
 * Applies what one owner wants: it is laid over the object, what this owner wanted before and no
 * longer does goes unless somebody else owns it, and what it wants is its own from now on, beside
 * others who want the same. Where others own a field and want another value, there is a conflict.
 *
 * Source: KEP-555, "Server Side Apply"; the Apply of structured-merge-diff.
 */
export async function applyOwners(
  owners: Owners,
  { who, live, config, force }: Application,
  scope: WriteScope,
): Promise<Applied> {
  const { apiVersion, schema } = live;
  const merged = (mergeApplied(live.object, config, schema) ?? {}) as JsonObject;
  await scope.giveWay();
  const fields = appliedFields(config, schema).differenceBelow(scope.reset);
  const own = fields.difference(scope.unowned);
  const last = owners.get(who);
  const isAsBefore = last?.apiVersion === apiVersion && last.fields.equals(own);
  const wanted = new Map(owners).set(who, { fields, apiVersion, isApplied: true });
  await scope.giveWay();
  const pruning = { owners: wanted, last, scope };
  // Who gives up nothing leaves nothing to remove, which is how most applies are.
  const isSafe = isAsBefore || !givesUp(last, { fields: own, apiVersion });
  const pruned = isSafe ? merged : await prune({ ...live, object: merged }, pruning);
  await scope.giveWay();
  const changes = new WriteChanges(live, { ...live, object: pruned }, scope);
  await scope.giveWay();
  const others = new Map(owners);
  others.delete(who);
  const conflicts = force ? [] : await conflictsOf(others, changes);
  if (conflicts.length > 0) return { kind: 'conflicts', conflicts };
  const left = new Map(await withoutChanged(others, changes));
  if (isAsBefore) left.set(who, last);
  else if (!own.isEmpty) left.set(who, { fields: own, apiVersion, isApplied: true });
  return {
    kind: 'applied',
    object: pruned,
    owners: left,
    isUnchanged: equalsJson(live.object, pruned),
  };
}

function givesUp(
  last: OwnedFields | undefined,
  { fields, apiVersion }: Pick<OwnedFields, 'fields' | 'apiVersion'>,
): boolean {
  if (last === undefined) return false;
  return last.apiVersion !== apiVersion || !last.fields.difference(fields).isEmpty;
}

async function conflictsOf(
  owners: Owners,
  changes: WriteChanges,
): Promise<readonly FieldConflict[]> {
  const conflicts: FieldConflict[] = [];
  for (const [who, owned] of owners) {
    const asked = changes.in(owned.apiVersion);
    const found = asked instanceof Promise ? await asked : asked;
    if (found === undefined || owned.touches?.(found.all) === false) continue;
    const fitted = fitToSchema(owned.fields, found.schema);
    const taken = fitted.intersection(found.set);
    for (const path of taken.paths()) conflicts.push({ who, path });
  }
  return conflicts;
}

interface Pruning {
  readonly owners: Owners;
  /** What the owner that applies had wanted before. */
  readonly last: OwnedFields | undefined;
  readonly scope: WriteScope;
}

/** Removes what was wanted last time, save what somebody owns now. */
async function prune(merged: VersionedObject, pruning: Pruning): Promise<JsonObject> {
  const { last, scope } = pruning;
  const { convert, giveWay } = scope;
  if (last === undefined) return merged.object;
  const before = await inVersion(merged, last.apiVersion, convert);
  if (before === undefined) return merged.object;
  const wantedBefore = withNamedFields(fitToSchema(last.fields, before.schema), before.schema);
  await giveWay();
  const kept = await addBackOwned(before, without(before, wantedBefore), pruning);
  // Only what was wanted before goes: nothing else has been given up.
  await giveWay();
  const goes = fieldsWithNames(before).difference(fieldsWithNames(kept));
  await giveWay();
  const pruned = without(before, goes.intersection(wantedBefore));
  const after = await inVersion(pruned, merged.apiVersion, convert);
  return (after ?? merged).object;
}

/** Puts back what owners have, each as seen in the version of its own. */
async function addBackOwned(
  merged: VersionedObject,
  pruned: VersionedObject,
  { owners, scope }: Pruning,
): Promise<VersionedObject> {
  const { convert, giveWay } = scope;
  // First in the version at hand: a conversion may need what was pruned.
  const owned = new Map<string, FieldSet[]>([[merged.apiVersion, []]]);
  for (const { apiVersion, fields } of owners.values()) {
    const sets = owned.get(apiVersion);
    if (sets === undefined) owned.set(apiVersion, [fields]);
    else sets.push(fields);
  }
  let rest = pruned;
  for (const [apiVersion, sets] of owned) {
    const everything = await inVersion(merged, apiVersion, convert);
    const remaining = await inVersion(rest, apiVersion, convert);
    if (everything === undefined || remaining === undefined) continue;
    await giveWay();
    const fields = withNamedFields(FieldSet.unionOf(sets), everything.schema);
    const kept = fieldsWithNames(remaining).union(fields);
    await giveWay();
    rest = without(everything, fieldsWithNames(everything).difference(kept));
  }
  return (await inVersion(rest, merged.apiVersion, convert)) ?? pruned;
}

function without(versioned: VersionedObject, fields: FieldSet): VersionedObject {
  const object = removeFields(versioned.object, fields, versioned.schema) ?? {};
  return { ...versioned, object: object as JsonObject };
}

function fieldsWithNames({ object, schema }: VersionedObject): FieldSet {
  return withNamedFields(appliedFields(object, schema), schema);
}
