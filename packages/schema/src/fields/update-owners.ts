import { FieldSet } from './field-set.ts';
import { fitToSchema } from './fields-of.ts';
import type { OwnedFields, Owners, WriteScope } from './owners.ts';
import type { WriteChanges } from './write-changes.ts';

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
  scope: WriteScope,
): Promise<Updated> {
  const left = await withoutChanged(owners, changes);
  const { added, modified } = changes.own;
  const taken = modified.union(added).difference(scope.unowned);
  return { owners: withoutUnowned(left, scope), taken };
}

/**
 * Takes what has changed, and what is gone, from its owners. Who then owns nothing is no owner, nor
 * is one whose version is not known. What has become atomic is owned as a whole. `kept` loses
 * nothing.
 */
export async function withoutChanged(
  owners: Owners,
  changes: WriteChanges,
  kept?: string,
): Promise<Owners> {
  const left = new Map<string, OwnedFields>();
  for (const [who, owned] of owners) {
    const asked = changes.in(owned.apiVersion);
    const found = asked instanceof Promise ? await asked : asked;
    if (found === undefined) continue;
    const fitted = fitToSchema(owned.fields, found.schema);
    const { added, modified, removed } = found;
    const fields =
      who === kept ? fitted : fitted.difference(modified).difference(added).difference(removed);
    if (!fields.isEmpty) left.set(who, { ...owned, fields });
  }
  return left;
}

export function withoutUnowned(owners: Owners, { unowned }: WriteScope): Owners {
  const left = new Map<string, OwnedFields>();
  for (const [who, owned] of owners) {
    const fields = owned.fields.difference(unowned);
    if (!fields.isEmpty) left.set(who, fields === owned.fields ? owned : { ...owned, fields });
  }
  return left;
}
