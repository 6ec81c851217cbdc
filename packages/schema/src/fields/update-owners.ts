import { FieldSet } from './field-set.ts';
import { fitToSchema } from './fields-of.ts';
import type { OwnedFields, Owners, WriteScope } from './owners.ts';
import type { VersionChanges, WriteChanges } from './write-changes.ts';

export interface Updated {
  /** Who owns something still. */
  readonly owners: Owners;
  /** What is owned by who wrote, beside what it had and still has. */
  readonly taken: FieldSet;
}

/**
 * Who owns what after a write that is no apply: who wrote owns what it has added and changed, and
 * nobody owns what is gone.
 *
 * Source: KEP-555, "Server Side Apply"; the Update of structured-merge-diff.
 */
export async function updateOwners(
  owners: Owners,
  changes: WriteChanges,
  { unowned }: WriteScope,
): Promise<Updated> {
  return {
    owners: await withoutChanged(owners, changes),
    taken: changes.own.set.difference(unowned),
  };
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
  for (const [who, owned] of owners) {
    const asked = changes.in(owned.apiVersion);
    const found = asked instanceof Promise ? await asked : asked;
    if (found === undefined) continue;
    const kept = withoutChanges(owned, found);
    if (kept !== undefined) left.set(who, kept);
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
