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
import { appliedFieldsV1 } from './written-fields.ts';

export interface Application {
  /** Whose configuration it is. */
  readonly owner: string;
  readonly live: VersionedObject;
  /** What the owner wants of it, in the same version: checked by `checkApplied`. */
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
  { owner, live, config, force }: Application,
  scope: WriteScope,
): Promise<Applied> {
  const object = (mergeApplied(live.object, config, live.schema) ?? {}) as JsonObject;
  await scope.giveWay();
  const claim = new Claim(config, { live, last: owners.get(owner), scope });
  await scope.giveWay();
  const others = new Map(owners);
  others.delete(owner);
  const after = await prune({ ...live, object }, { claim, others, scope });
  await scope.giveWay();
  const changes = new WriteChanges(live, after, scope);
  await scope.giveWay();
  const conflicts = force ? [] : await conflictsOf(others, changes);
  if (conflicts.length > 0) return { kind: 'conflicts', conflicts };
  const left = new Map(await withoutChanged(others, changes));
  if (claim.owned !== undefined) left.set(owner, claim.owned);
  const isUnchanged = equalsJson(live.object, after.object);
  return { kind: 'applied', object: after.object, owners: left, isUnchanged };
}

/** What an owner wants of an object now, beside what it wanted last time. */
class Claim {
  readonly last: OwnedFields | undefined;
  /** With what nobody owns, such as the name: it shall be there all the same. */
  readonly wanted: OwnedFields;
  /** What becomes its own: the same value where that is what it had. Undefined: nothing. */
  readonly owned: OwnedFields | undefined;
  /** It may have wanted something last time that it does not want any more. */
  readonly givesUp: boolean;

  constructor(
    config: JsonObject,
    { live, last, scope }: Pick<Application, 'live'> & Pick<Claim, 'last'> & { scope: WriteScope },
  ) {
    const { apiVersion, schema } = live;
    const { reset, unowned } = scope;
    const wanted = new AppliedFields(apiVersion, () =>
      appliedFields(config, schema).differenceBelow(reset),
    );
    const text = appliedFieldsV1(config, { schema, reset, unowned });
    const own = new AppliedFields(apiVersion, () => wanted.fields.difference(unowned), text);
    const isSameVersion = last?.apiVersion === apiVersion;
    const isAsBefore = isSameVersion && last.text === text;
    this.last = last;
    this.wanted = wanted;
    if (isAsBefore) this.owned = last;
    else this.owned = text === '{}' ? undefined : own;
    // Who gives up nothing leaves nothing to remove, which is how most applies are.
    const isWanted = isAsBefore || (isSameVersion && last.fields.difference(own.fields).isEmpty);
    this.givesUp = last !== undefined && !isWanted;
  }
}

/** What somebody applies, told apart only when somebody asks: most apply what they did before. */
class AppliedFields implements OwnedFields {
  readonly apiVersion: string;
  readonly isApplied = true;
  readonly text?: string;
  readonly #read: () => FieldSet;
  #fields: FieldSet | undefined;

  constructor(apiVersion: string, read: () => FieldSet, text?: string) {
    this.apiVersion = apiVersion;
    this.#read = read;
    if (text !== undefined) this.text = text;
  }

  get fields(): FieldSet {
    return (this.#fields ??= this.#read());
  }
}

async function conflictsOf(
  owners: Owners,
  changes: WriteChanges,
): Promise<readonly FieldConflict[]> {
  const conflicts: FieldConflict[] = [];
  for (const [owner, owned] of owners) {
    const asked = changes.in(owned.apiVersion);
    const found = asked instanceof Promise ? await asked : asked;
    if (found === undefined || owned.touches?.(found.all) === false) continue;
    const fitted = fitToSchema(owned.fields, found.schema);
    const taken = fitted.intersection(found.set);
    for (const path of taken.paths()) conflicts.push({ owner, path });
  }
  return conflicts;
}

interface Pruning {
  readonly claim: Claim;
  readonly others: Owners;
  readonly scope: WriteScope;
}

/** Removes what was wanted last time, save what somebody owns now. */
async function prune(merged: VersionedObject, pruning: Pruning): Promise<VersionedObject> {
  const { claim, scope } = pruning;
  const { convert, giveWay } = scope;
  const { last } = claim;
  if (last === undefined || !claim.givesUp) return merged;
  const before = await inVersion(merged, last.apiVersion, convert);
  if (before === undefined) return merged;
  const wantedBefore = withNamedFields(fitToSchema(last.fields, before.schema), before.schema);
  await giveWay();
  const kept = await addBackOwned(before, without(before, wantedBefore), pruning);
  // Only what was wanted before goes: nothing else has been given up.
  await giveWay();
  const goes = fieldsWithNames(before).difference(fieldsWithNames(kept));
  await giveWay();
  const pruned = without(before, goes.intersection(wantedBefore));
  return (await inVersion(pruned, merged.apiVersion, convert)) ?? merged;
}

/** Puts back what owners have, each as seen in the version of its own. */
async function addBackOwned(
  merged: VersionedObject,
  pruned: VersionedObject,
  { claim, others, scope }: Pruning,
): Promise<VersionedObject> {
  const { convert, giveWay } = scope;
  // First in the version at hand: a conversion may need what was pruned.
  const owned = new Map<string, FieldSet[]>([[merged.apiVersion, []]]);
  for (const { apiVersion, fields } of [...others.values(), claim.wanted]) {
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
