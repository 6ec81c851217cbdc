import {
  type JsonArray,
  type JsonObject,
  type JsonValue,
  type Schema,
  equalsJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
} from '@fairway/protocol';
import { FieldSet } from './field-set.ts';
import { fieldAt, fieldShape, indexItems } from './field-shape.ts';
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

/** Tells which fields another object has, lacks, or has with another value. */
export function compareFields(before: JsonValue, after: JsonValue, schema: Schema): FieldChanges {
  if (before === after) return unchanged;
  const [shape, shapeAfter] = [fieldShape(schema, before), fieldShape(schema, after)];
  if (shape !== shapeAfter) return compareShapes(before, after, schema);
  switch (shape) {
    case 'leaf':
      return compareLeaves(before, after);
    case 'fields': {
      const [fields, fieldsAfter] = [fieldsIn(before), fieldsIn(after)];
      if (isEmpty(fields) && isEmpty(fieldsAfter)) return compareLeaves(before, after);
      return compareObjects(fields, fieldsAfter, schema);
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

function compareObjects(before: JsonObject, after: JsonObject, schema: Schema): FieldChanges {
  const collected = new ChangesCollector();
  for (const name of Object.keys(before)) {
    const [left, right] = [before[name], fieldOf(after, name)];
    if (left === undefined || left === right) continue;
    const { element, schema: below } = fieldAt(schema, name);
    if (right === undefined) collected.remove(element, wholeFields(left, below));
    else collected.change(element, compareFields(left, right, below));
  }
  for (const name of Object.keys(after)) {
    const right = after[name];
    if (right === undefined || fieldOf(before, name) !== undefined) continue;
    const { element, schema: below } = fieldAt(schema, name);
    collected.add(element, wholeFields(right, below));
  }
  return collected.changes;
}

function compareLists(before: JsonArray, after: JsonArray, schema: Schema): FieldChanges {
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

/** Gathers the changes below one place. */
class ChangesCollector {
  readonly #added = new Map<PathElement, FieldSet>();
  readonly #modified = new Map<PathElement, FieldSet>();
  readonly #removed = new Map<PathElement, FieldSet>();

  add(element: PathElement, fields: FieldSet): void {
    this.#added.set(element, fields);
  }

  remove(element: PathElement, fields: FieldSet): void {
    this.#removed.set(element, fields);
  }

  change(element: PathElement, { added, modified, removed }: FieldChanges): void {
    if (!added.isEmpty) this.#added.set(element, added);
    if (!modified.isEmpty) this.#modified.set(element, modified);
    if (!removed.isEmpty) this.#removed.set(element, removed);
  }

  get changes(): FieldChanges {
    return {
      added: FieldSet.of(false, this.#added),
      modified: FieldSet.of(false, this.#modified),
      removed: FieldSet.of(false, this.#removed),
    };
  }
}

function fieldsIn(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}

function itemsIn(value: JsonValue): JsonArray {
  return isJsonArray(value) ? value : [];
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}
