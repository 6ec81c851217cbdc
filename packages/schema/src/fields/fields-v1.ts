import { type JsonDraft, type JsonObject, type JsonValue, isJsonObject } from '@fairway/protocol';
import { FieldSet } from './field-set.ts';
import { type PathElement, comparePathElements, readPathElement } from './path-element.ts';

/**
 * Reads the `fieldsV1` of an entry of `metadata.managedFields`; undefined when it is none.
 *
 * Source: meta/v1 FieldsV1, and fieldpath.Set of structured-merge-diff.
 */
export function decodeFieldsV1(json: JsonValue): FieldSet | undefined {
  const children = decodeChildren(json);
  return children === undefined ? undefined : FieldSet.of(false, children);
}

function decodeChildren(json: JsonValue): Map<PathElement, FieldSet> | undefined {
  if (!isJsonObject(json)) return undefined;
  const children = new Map<PathElement, FieldSet>();
  for (const text of Object.keys(json)) {
    if (text === '.') continue;
    const read = readPathElement(text);
    if (read.kind === 'malformed') return undefined;
    if (read.kind !== 'element') continue;
    const below = json[text] ?? null;
    const grandchildren = decodeChildren(below);
    if (grandchildren === undefined) return undefined;
    const isMember = grandchildren.size === 0 || Object.hasOwn(below as JsonObject, '.');
    children.set(read.element, FieldSet.of(isMember, grandchildren));
  }
  return children;
}

/** Writes a set as `fieldsV1`, in the order of a Kubernetes API. */
export function encodeFieldsV1({ children }: FieldSet): JsonObject {
  const json: JsonDraft = {};
  for (const element of sortedElements(children)) {
    const child = children.get(element) ?? FieldSet.leaf;
    json[element] =
      child.children.size === 0
        ? {}
        : child.isMember
          ? { '.': {}, ...encodeFieldsV1(child) }
          : encodeFieldsV1(child);
  }
  return json;
}

function sortedElements(children: FieldSet['children']): readonly PathElement[] {
  return children.size === 1
    ? [...children.keys()]
    : [...children.keys()].sort(comparePathElements);
}
