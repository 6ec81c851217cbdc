import { FieldSet } from './field-set.ts';
import { fitToSchema } from './fields-of.ts';
import type { OwnedFields, Owners, WriteScope } from './owners.ts';
import type { VersionChanges, WriteChanges } from './write-changes.ts';

export interface Updated {
  /** Who owns something now, who wrote among them. */
  readonly owners: Owners;
  /** Who wrote has set something that can be owned. */
  readonly isOwned: boolean;
}

/**
 * Who owns what after a write that is no apply: who wrote owns what it has added and changed beside
 * what it had, and nobody owns what is gone.
 *
 * Shape: who owns what it owned before stays the same value.
 * Source: KEP-555, "Server Side Apply"; the Update of structured-merge-diff.
 */
export async function updateOwners(
  owners: Owners,
  changes: WriteChanges,
  { owner, unowned }: Pick<WriteScope, 'unowned'> & { readonly owner: string },
): Promise<Updated> {
  const { apiVersion, own } = changes;
  const taken = own.set.difference(unowned);
  const before = owners.get(owner);
  const others = new Map(owners);
  const isSettled = before !== undefined && ownsAlready(before, taken, changes);
  if (isSettled) others.delete(owner);
  const left = new Map(await withoutChanged(others, changes));
  if (isSettled) left.set(owner, before);
  else if (!taken.isEmpty) {
    const fields = taken.union(left.get(owner)?.fields ?? FieldSet.empty);
    left.set(owner, { fields, apiVersion, isApplied: false });
  }
  return { owners: left, isOwned: !taken.isEmpty };
}

/** Whether an owner has all that it writes, and loses nothing: so it is with most that write again. */
function ownsAlready(
  owned: OwnedFields,
  taken: FieldSet,
  { own, apiVersion }: WriteChanges,
): boolean {
  if (owned.apiVersion !== apiVersion || owned.touches?.(own.removed) !== false) return false;
  return owned.covers?.(taken) === true;
}

/**
 * Takes what has changed, and what is gone, from its owners. Who then owns nothing is no owner, nor
 * is one whose version is not known. An owner that a change touches owns as a whole what has become
 * atomic.
 *
 * Shape: who loses nothing stays the same value.
 */
export async function withoutChanged(owners: Owners, changes: WriteChanges): Promise<Owners> {
  const left = new Map<string, OwnedFields>();
  for (const [owner, owned] of owners) {
    const asked = changes.in(owned.apiVersion);
    const found = asked instanceof Promise ? await asked : asked;
    if (found === undefined) continue;
    const kept = withoutChanges(owned, found);
    if (kept !== undefined) left.set(owner, kept);
  }
  return left;
}

function withoutChanges(owned: OwnedFields, changes: VersionChanges): OwnedFields | undefined {
  const { set, removed, all } = changes;
  if (owned.touches?.(all) === false) return owned;
  const fitted = fitToSchema(owned.fields, changes.schema);
  const fields = fitted.difference(set).difference(removed);
  if (fields.isEmpty) return undefined;
  if (fields === owned.fields) return owned;
  const { apiVersion, isApplied } = owned;
  return { fields, apiVersion, isApplied };
}
