import {
  type JsonArray,
  type JsonObject,
  type JsonValue,
  type Schema,
  equalsJson,
  fieldOf,
} from '@fairway/protocol';
import { FieldSet } from './field-set.ts';
import { fieldAt, fieldShape, fieldsIn, indexItems, itemsIn } from './field-shape.ts';
import { wholeFields } from './fields-of.ts';
import type { PathElement } from './path-element.ts';

/** What became of the fields of one object in another. */
export interface FieldChanges {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Nothing has changed. */
export const unchanged: FieldChanges = {
  added: FieldSet.empty,
  modified: FieldSet.empty,
  removed: FieldSet.empty,
};

const modifiedLeaf: FieldChanges = { ...unchanged, modified: FieldSet.leaf };

/**
 * Tells which fields another object has, lacks, or has with another value. What is `passedOver`, with
 * all below it, is not looked at where objects have it as fields.
 */
export function compareFields(
  before: JsonValue,
  after: JsonValue,
  schema: Schema,
  passedOver: FieldSet = FieldSet.empty,
): FieldChanges {
  if (before === after) return unchanged;
  const [shape, shapeAfter] = [fieldShape(schema, before), fieldShape(schema, after)];
  if (shape !== shapeAfter) return compareShapes(before, after, schema);
  switch (shape) {
    case 'leaf':
      return compareLeaves(before, after);
    case 'fields': {
      const [fields, fieldsAfter] = [fieldsIn(before), fieldsIn(after)];
      if (isEmpty(fields) && isEmpty(fieldsAfter)) return compareLeaves(before, after);
      return compareObjects(fields, fieldsAfter, { schema, passedOver });
    }
    case 'items': {
      const [items, itemsAfter] = [itemsIn(before), itemsIn(after)];
      if (items.length === 0 && itemsAfter.length === 0) return compareLeaves(before, after);
      return compareLists(items, itemsAfter, schema);
    }
  }
}

/** The value has fields on one side only, which a schema that does not say lets happen. */
function compareShapes(before: JsonValue, after: JsonValue, schema: Schema): FieldChanges {
  return {
    added: wholeFields(after, schema).withMember(false),
    removed: wholeFields(before, schema).withMember(false),
    modified: FieldSet.leaf,
  };
}

function compareLeaves(before: JsonValue, after: JsonValue): FieldChanges {
  return equalsJson(before, after) ? unchanged : modifiedLeaf;
}

function compareObjects(
  before: JsonObject,
  after: JsonObject,
  { schema, passedOver }: { readonly schema: Schema; readonly passedOver: FieldSet },
): FieldChanges {
  const collected = new ChangesCollector();
  for (const name of Object.keys(before)) {
    const [left, right] = [before[name], fieldOf(after, name)];
    if (left === undefined || left === right) continue;
    const { element, schema: below } = fieldAt(schema, name);
    const passed = passedOver.child(element);
    if (passed.isMember) continue;
    if (right === undefined) collected.remove(element, wholeFields(left, below));
    else collected.change(element, compareFields(left, right, below, passed));
  }
  for (const name of Object.keys(after)) {
    const right = after[name];
    if (right === undefined || fieldOf(before, name) !== undefined) continue;
    const { element, schema: below } = fieldAt(schema, name);
    if (!passedOver.child(element).isMember) collected.add(element, wholeFields(right, below));
  }
  return collected.changes;
}

function compareLists(before: JsonArray, after: JsonArray, schema: Schema): FieldChanges {
  // Most are equal, which is seen without telling their items apart.
  if (equalsJson(before, after)) return unchanged;
  const [left, right] = [indexItems(before, schema), indexItems(after, schema)];
  const collected = new ChangesCollector();
  const child = schema.items ?? {};
  for (const [element, items] of left) {
    const others = right.get(element) ?? [];
    const [item, other] = [items[0], others[0]];
    if (items.length > 1 && others.length > 1) {
      if (!equalsJson(items, others)) collected.change(element, modifiedLeaf);
    } else if (items.length > 1) {
      if (other !== undefined) collected.add(element, wholeFields(other, child));
      collected.remove(element, FieldSet.leaf);
    } else if (others.length > 1) {
      collected.remove(element, wholeFields(item, child));
      collected.add(element, FieldSet.leaf);
    } else if (other === undefined) collected.remove(element, wholeFields(item, child));
    else collected.change(element, compareFields(item, other, child));
  }
  for (const [element, [item, ...duplicates]] of right) {
    if (left.has(element)) continue;
    collected.add(element, duplicates.length > 0 ? FieldSet.leaf : wholeFields(item, child));
  }
  return collected.changes;
}

type Changed = Map<PathElement, FieldSet> | undefined;

/** Gathers the changes below one place, of which there mostly are none. */
class ChangesCollector {
  #added: Changed;
  #modified: Changed;
  #removed: Changed;

  add(element: PathElement, fields: FieldSet): void {
    (this.#added ??= new Map()).set(element, fields);
  }

  remove(element: PathElement, fields: FieldSet): void {
    (this.#removed ??= new Map()).set(element, fields);
  }

  change(element: PathElement, changes: FieldChanges): void {
    if (changes === unchanged) return;
    const { added, modified, removed } = changes;
    if (!added.isEmpty) this.add(element, added);
    if (!modified.isEmpty) (this.#modified ??= new Map()).set(element, modified);
    if (!removed.isEmpty) this.remove(element, removed);
  }

  get changes(): FieldChanges {
    if ((this.#added ?? this.#modified ?? this.#removed) === undefined) return unchanged;
    return {
      added: setOf(this.#added),
      modified: setOf(this.#modified),
      removed: setOf(this.#removed),
    };
  }
}

function setOf(children: Changed): FieldSet {
  return children === undefined ? FieldSet.empty : FieldSet.of(false, children);
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}
