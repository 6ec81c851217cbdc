import { type JsonDraft, type JsonObject, type JsonValue, isJsonObject } from '@fairway/protocol';
import { FieldSet } from './field-set.ts';
import {
  type PathElement,
  type ReadElement,
  comparePathElements,
  isInTextOrder,
  readPathElement,
} from './path-element.ts';

/**
 * Reads the `fieldsV1` of an entry of `metadata.managedFields`; undefined when it is none. What this
 * server has written itself can be taken as it is.
 *
 * Source: meta/v1 FieldsV1, and fieldpath.Set of structured-merge-diff.
 */
export function decodeFieldsV1(
  json: JsonValue,
  { isOwn = false }: { readonly isOwn?: boolean } = {},
): FieldSet | undefined {
  const children = decodeChildren(json, isOwn);
  return children === undefined ? undefined : FieldSet.of(false, children);
}

function decodeChildren(json: JsonValue, isOwn: boolean): Map<PathElement, FieldSet> | undefined {
  if (!isJsonObject(json)) return undefined;
  const children = new Map<PathElement, FieldSet>();
  for (const text of Object.keys(json)) {
    if (text === '.') continue;
    const read: ReadElement = isOwn ? { kind: 'element', element: text } : readPathElement(text);
    if (read.kind === 'malformed') return undefined;
    if (read.kind !== 'element') continue;
    const below = json[text] ?? null;
    const grandchildren = decodeChildren(below, isOwn);
    if (grandchildren === undefined) return undefined;
    const isMember = grandchildren.size === 0 || Object.hasOwn(below as JsonObject, '.');
    children.set(read.element, FieldSet.of(isMember, grandchildren));
  }
  return children;
}

/** Writes a set as `fieldsV1`, in the order of a Kubernetes API. */
export function encodeFieldsV1({ children }: FieldSet): JsonObject {
  return encodeChildren(children, {});
}

function encodeChildren(children: FieldSet['children'], json: JsonDraft): JsonObject {
  for (const element of sortedElements(children)) {
    const child = children.get(element) ?? FieldSet.leaf;
    const isBoth = child.isMember && child.children.size > 0;
    json[element] = encodeChildren(child.children, isBoth ? { '.': {} } : {});
  }
  return json;
}

function sortedElements(children: FieldSet['children']): Iterable<PathElement> {
  if (children.size < 2) return children.keys();
  const elements = [...children.keys()];
  return elements.every(isInTextOrder) ? elements.sort() : elements.sort(comparePathElements);
}
