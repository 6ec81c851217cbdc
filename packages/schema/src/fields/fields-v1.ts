import { type JsonObject, type JsonValue, isJsonObject } from '@fairway/protocol';
import { FieldSet } from './field-set.ts';
import {
  type PathElement,
  type ReadElement,
  readPathElement,
  sortElements,
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

/** Writes a set as the text of `fieldsV1`, in the order of a Kubernetes API. */
export function encodeFieldsV1({ children }: FieldSet): string {
  return `{${encodeChildren(children)}}`;
}

function encodeChildren(children: FieldSet['children']): string {
  let text = '';
  for (const element of sortElements([...children.keys()])) {
    const child = children.get(element) ?? FieldSet.leaf;
    text += memberText(
      text,
      JSON.stringify(element),
      nodeText(encodeChildren(child.children), child),
    );
  }
  return text;
}

/** The JSON of a place with what is owned below it; empty when nothing is owned there. */
export function nodeText(below: string, { isMember }: { readonly isMember: boolean }): string {
  if (below === '') return isMember ? '{}' : '';
  return isMember ? `{".":{},${below}}` : `{${below}}`;
}

/** One member of an object of JSON, with the comma that parts it from those before. */
export function memberText(before: string, key: string, value: string): string {
  return `${before === '' ? '' : ','}${key}:${value}`;
}
