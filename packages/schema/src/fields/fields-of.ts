import { type JsonValue, type Schema, isJsonArray, isJsonObject } from '@fairway/protocol';
import { FieldSet } from './field-set.ts';
import { fieldAt, fieldShape, fieldsIn, indexItems, itemsIn } from './field-shape.ts';
import type { PathElement } from './path-element.ts';

/** All that is there when a value comes or goes as a whole: every field, and what holds fields. */
export function wholeFields(value: JsonValue, schema: Schema): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  switch (fieldShape(schema, value)) {
    case 'leaf':
      return FieldSet.leaf;
    case 'fields':
      if (!isJsonObject(value)) return FieldSet.leaf;
      for (const name of Object.keys(value)) {
        const field = value[name];
        if (field === undefined) continue;
        const { element, schema: below } = fieldAt(schema, name);
        children.set(element, wholeFields(field, below));
      }
      break;
    case 'items':
      if (!isJsonArray(value)) return FieldSet.leaf;
      for (const [element, [item, ...duplicates]] of indexItems(value, schema)) {
        const isAlone = duplicates.length === 0;
        children.set(element, isAlone ? wholeFields(item, schema.items ?? {}) : FieldSet.leaf);
      }
  }
  return FieldSet.of(true, children);
}

/**
 * What somebody claims who applies a value: the fields that it sets, and the entries of maps and
 * lists that it brings, but not the structs in which they stand.
 */
export function appliedFields(value: JsonValue, schema: Schema): FieldSet {
  return claimedFields(value, schema, { isMember: false });
}

function claimedFields(
  value: JsonValue,
  schema: Schema,
  { isMember }: { readonly isMember: boolean },
): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  switch (fieldShape(schema, value)) {
    case 'leaf':
      return FieldSet.leaf;
    case 'fields':
      for (const [name, field] of Object.entries(fieldsIn(value))) {
        if (field === undefined) continue;
        const { element, schema: below, isNamed } = fieldAt(schema, name);
        const isClaimed = !isNamed || isEmptyMap(field);
        children.set(element, claimedFields(field, below, { isMember: isClaimed }));
      }
      break;
    case 'items':
      for (const [element, [item, ...duplicates]] of indexItems(itemsIn(value), schema)) {
        const isAlone = duplicates.length === 0;
        const fields = isAlone
          ? claimedFields(item, schema.items ?? {}, { isMember: true })
          : FieldSet.leaf;
        children.set(element, fields);
      }
  }
  return FieldSet.of(isMember, children);
}

/** Null, too, which stands for one. */
export function isEmptyMap(value: JsonValue): boolean {
  return value === null || (isJsonObject(value) && Object.keys(value).length === 0);
}

/**
 * A set with the named fields of structs in it that it holds something of, which need no owner of
 * their own.
 */
export function withNamedFields(set: FieldSet, schema: Schema): FieldSet {
  if (set.children.size === 0) return set;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    if (element.startsWith('f:')) {
      const { schema: below, isNamed } = fieldAt(schema, element.slice(2));
      const inner = withNamedFields(child, below);
      children.set(element, inner.withMember(isNamed || inner.isMember));
    } else {
      children.set(element, withNamedFields(child, schema.items ?? {}));
    }
  }
  return FieldSet.of(set.isMember, children);
}

/**
 * A set as its schema has it now: what has become atomic since is owned as a whole by whoever owned
 * a part of it.
 */
export function fitToSchema(set: FieldSet, schema: Schema): FieldSet {
  if (set.children.size === 0) return set;
  const isAtomic = schema.type === 'object' ? schema.mapType === 'atomic' : schema.type === 'array';
  if (isAtomic && fieldShape(schema, undefined) === 'leaf') return FieldSet.leaf;
  let changed: Map<PathElement, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    if (child.children.size === 0) continue;
    const isField = element.startsWith('f:');
    const below = isField ? fieldAt(schema, element.slice(2)).schema : (schema.items ?? {});
    const fitted = fitToSchema(child, below);
    if (fitted === child) continue;
    changed ??= new Map(set.children);
    changed.set(element, fitted);
  }
  return changed === undefined ? set : FieldSet.of(set.isMember, changed);
}
