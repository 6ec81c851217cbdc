import type { Schema } from '@fairway/protocol';

import { type OpenApiSchema, referencePrefix } from './schema-encoding.ts';

/** Finds the linked schema that a `$ref` names. */
export type ResolveReference = (definition: string) => Schema;

type Draft = { -readonly [K in keyof Schema]: Schema[K] };

/**
 * Turns an OpenAPI schema into the linked form.
 *
 * `draft` is filled in place, its `properties` last, so that a definition that contains itself can
 * be handed out before it is finished.
 */
export function linkSchema(
  source: OpenApiSchema,
  resolve: ResolveReference,
  draft: Draft = {},
): Schema {
  Object.assign(draft, referenced(source, resolve), ownMarkers(source));
  const { items, additionalProperties } = source;
  if (isSchema(items)) draft.items = linkSchema(items, resolve);
  if (isSchema(additionalProperties)) {
    draft.additionalProperties = linkSchema(additionalProperties, resolve);
  }
  if (isSchema(source['properties'])) {
    const properties = new Map<string, Schema>();
    draft.properties = properties;
    for (const [name, property] of Object.entries(source['properties'])) {
      properties.set(name, linkSchema(property as OpenApiSchema, resolve));
    }
  } else if (source['type'] === 'object' && additionalProperties === undefined) {
    // `RawExtension`, `FieldsV1`: an object about which nothing is said.
    draft.preservesUnknownFields = true;
  }
  return draft;
}

/** A reference stands alone, or alone in an `allOf` beside what this place adds to it. */
function referenced(source: OpenApiSchema, resolve: ResolveReference): Schema {
  const [only] = (source['allOf'] as readonly OpenApiSchema[] | undefined) ?? [];
  const reference = source['$ref'] ?? only?.['$ref'];
  return typeof reference === 'string' ? resolve(reference.slice(referencePrefix.length)) : {};
}

/** OpenAPI's keywords that say one thing and keep their value. */
const plainKeywords: readonly (readonly [keyword: string, name: keyof Schema])[] = [
  ['type', 'type'],
  ['format', 'format'],
  ['required', 'required'],
  ['default', 'default'],
  ['enum', 'enum'],
  ['nullable', 'isNullable'],
  ['x-kubernetes-int-or-string', 'isIntOrString'],
  ['x-kubernetes-preserve-unknown-fields', 'preservesUnknownFields'],
  ['x-kubernetes-embedded-resource', 'isEmbeddedResource'],
  ['x-kubernetes-list-type', 'listType'],
  ['x-kubernetes-list-map-keys', 'listMapKeys'],
  ['x-kubernetes-map-type', 'mapType'],
  ['x-kubernetes-patch-merge-key', 'patchMergeKey'],
];

function ownMarkers(source: OpenApiSchema): Schema {
  const markers: Record<string, unknown> = {};
  for (const [keyword, name] of plainKeywords) {
    if (source[keyword] !== undefined) markers[name] = source[keyword];
  }
  const strategy = source['x-kubernetes-patch-strategy'];
  if (typeof strategy === 'string') markers['patchStrategy'] = strategy.split(',');
  return markers as Schema;
}

function isSchema(value: unknown): value is OpenApiSchema {
  return typeof value === 'object' && value !== null;
}
