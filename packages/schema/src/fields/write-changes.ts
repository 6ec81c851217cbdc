import type { Schema } from '@fairway/protocol';
import { type FieldChanges, compareFields } from './compare-fields.ts';
import type { FieldSet } from './field-set.ts';
import { type VersionedObject, type WriteScope, inVersion } from './owners.ts';

/** What a write changes as seen in one version, and how that version looks. */
export interface VersionChanges extends FieldChanges {
  readonly schema: Schema;
  /** What is added, modified or removed. */
  readonly all: FieldSet;
  /** What is added or modified. */
  readonly set: FieldSet;
}

/** What one write changes, in each version in which somebody asks. */
export class WriteChanges {
  readonly #before: VersionedObject;
  readonly #after: VersionedObject;
  readonly #scope: WriteScope;
  readonly #found = new Map<string, Promise<VersionChanges | undefined>>();
  /** In the version of the write. */
  readonly own: VersionChanges;

  /** Both in the same version. */
  constructor(before: VersionedObject, after: VersionedObject, scope: WriteScope) {
    this.#before = before;
    this.#after = after;
    this.#scope = scope;
    this.own = this.#compare(before, after);
  }

  get apiVersion(): string {
    return this.#after.apiVersion;
  }

  /** Undefined when there is no such version. Does not wait for the version of the write. */
  in(apiVersion: string): VersionChanges | Promise<VersionChanges | undefined> {
    if (apiVersion === this.apiVersion) return this.own;
    let found = this.#found.get(apiVersion);
    if (found === undefined) {
      found = this.#compareIn(apiVersion);
      this.#found.set(apiVersion, found);
    }
    return found;
  }

  async #compareIn(apiVersion: string): Promise<VersionChanges | undefined> {
    const { convert } = this.#scope;
    const before = await inVersion(this.#before, apiVersion, convert);
    const after = await inVersion(this.#after, apiVersion, convert);
    return before === undefined || after === undefined ? undefined : this.#compare(before, after);
  }

  #compare(before: VersionedObject, after: VersionedObject): VersionChanges {
    const { schema } = after;
    const { reset } = this.#scope;
    const { added, modified, removed } = compareFields(before.object, after.object, schema, reset);
    const found = {
      added: added.differenceBelow(reset),
      modified: modified.differenceBelow(reset),
      removed: removed.differenceBelow(reset),
    };
    return new ComparedVersion(found, schema);
  }
}

class ComparedVersion implements VersionChanges {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
  readonly schema: Schema;
  #all: FieldSet | undefined;
  #set: FieldSet | undefined;

  constructor({ added, modified, removed }: FieldChanges, schema: Schema) {
    this.added = added;
    this.modified = modified;
    this.removed = removed;
    this.schema = schema;
  }

  /** Made when there is an owner to ask, which a new object has none of. */
  get all(): FieldSet {
    return (this.#all ??= this.set.union(this.removed));
  }

  get set(): FieldSet {
    return (this.#set ??= this.modified.union(this.added));
  }
}
