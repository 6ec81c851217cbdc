import {
  type JsonDraft,
  type JsonValue,
  type Schema,
  isJsonArray,
  isJsonObject,
  setField,
} from '@fairway/protocol';
import type { FieldSet } from './field-set.ts';
import { fieldAt, fieldShape, itemElement } from './field-shape.ts';

/**
 * An object without the members of a set. Of a map or list that this leaves empty, null stays: the
 * field is there, and says nothing.
 */
export function removeFields(value: JsonValue, removed: FieldSet, schema: Schema): JsonValue {
  if (removed.children.size === 0) return value;
  switch (fieldShape(schema, value)) {
    case 'leaf':
      // Something below it was owned when it was not yet atomic.
      return isJsonObject(value) || isJsonArray(value) ? null : value;
    case 'fields':
      return isJsonObject(value) ? removeFromObject(value, removed, schema) : null;
    case 'items':
      return isJsonArray(value) ? removeFromList(value, removed, schema) : null;
  }
}

function removeFromObject(
  object: Readonly<Record<string, JsonValue>>,
  removed: FieldSet,
  schema: Schema,
): JsonValue {
  const kept: JsonDraft = {};
  let isEmpty = true;
  for (const name of Object.keys(object)) {
    const field = object[name];
    const { element, schema: below } = fieldAt(schema, name);
    const taken = removed.child(element);
    if (field === undefined || taken.isMember) continue;
    setField(kept, name, removeFields(field, taken, below));
    isEmpty = false;
  }
  return isEmpty ? null : kept;
}

function removeFromList(list: readonly JsonValue[], removed: FieldSet, schema: Schema): JsonValue {
  const kept: JsonValue[] = [];
  for (const item of list) {
    const found = itemElement(item, schema);
    const taken = removed.child('problem' in found ? '' : found.element);
    if (taken.isMember) continue;
    const value = removeFields(item, taken, schema.items ?? {});
    if (value !== null || item === null) kept.push(value);
  }
  return kept.length === 0 ? null : kept;
}
