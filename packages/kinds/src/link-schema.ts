import { type Schema, schemaKeywords } from '@fairway/protocol';

import { type OpenApiSchema, isOpenApiSchema, referencePrefix } from './schema-encoding.ts';

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
  if (isOpenApiSchema(items)) draft.items = linkSchema(items, resolve);
  if (isOpenApiSchema(additionalProperties)) {
    draft.additionalProperties = linkSchema(additionalProperties, resolve);
  }
  if (isOpenApiSchema(source['properties'])) {
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

/**
 * Definitions of an OpenAPI document in the linked form, each linked when it is asked for; one that is not there
 * says nothing.
 */
export function linkDefinitions(
  definitions: Readonly<Record<string, OpenApiSchema>>,
): ResolveReference {
  const linked = new Map<string, Schema>();
  const resolve = (name: string): Schema => {
    const known = linked.get(name);
    if (known !== undefined) return known;
    const draft: Draft = {};
    linked.set(name, draft);
    const source = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    return source === undefined ? draft : linkSchema(source, resolve, draft);
  };
  return resolve;
}

/** A reference stands alone, or alone in an `allOf` beside what this place adds to it. */
function referenced(source: OpenApiSchema, resolve: ResolveReference): Schema {
  const [only] = (source['allOf'] as readonly OpenApiSchema[] | undefined) ?? [];
  const reference = source['$ref'] ?? only?.['$ref'];
  return typeof reference === 'string' ? resolve(reference.slice(referencePrefix.length)) : {};
}

function ownMarkers(source: OpenApiSchema): Schema {
  const markers: Draft = { ...schemaKeywords(source) };
  const mergeKey = source['x-kubernetes-patch-merge-key'];
  if (typeof mergeKey === 'string') markers.patchMergeKey = mergeKey;
  const strategy = source['x-kubernetes-patch-strategy'];
  if (typeof strategy === 'string') {
    markers.patchStrategy = strategy.split(',') as NonNullable<Schema['patchStrategy']>;
  }
  return markers;
}
