import type { Schema } from './schema.ts';

/**
 * What an OpenAPI schema says by keywords that keep their value in the linked form.
 *
 * A keyword that is null says nothing. Properties, items, references, constraints and patch
 * strategies are for the caller, who knows how they are linked.
 */
export function schemaKeywords(source: Readonly<Record<string, unknown>>): Schema {
  const said: Record<string, unknown> = {};
  // By what the source has, which is little: there may be tens of thousands of them.
  for (const keyword of Object.keys(source)) {
    const name = plainKeywords.get(keyword);
    const value = source[keyword];
    if (name !== undefined && value !== undefined && value !== null) said[name] = value;
  }
  return said as Schema;
}

const plainKeywords: ReadonlyMap<string, keyof Schema> = new Map<string, keyof Schema>([
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
]);
