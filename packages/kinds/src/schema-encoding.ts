/** One schema of an OpenAPI v3 document, as JSON. */
export type OpenApiSchema = { readonly [keyword: string]: unknown };

/** Tells a schema from `true`, `false`, a list and everything else a keyword may hold. */
export function isOpenApiSchema(value: unknown): value is OpenApiSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The schemas of a release as they lie in the generated file: OpenAPI v3 without descriptions, with
 * short keywords, each distinct property schema written once. Nothing else is lost. What documents do
 * not say, which properties are pointers to scalars in Go, stands beside it as `z`.
 */
export interface EncodedSchemas {
  /** The distinct schemas of properties; definitions point at them by index. */
  readonly nodes: readonly EncodedSchema[];
  /** Package → type name → schema, its `properties` being name → index of a node. */
  readonly definitions: Readonly<Record<string, Readonly<Record<string, EncodedSchema>>>>;
}

export type EncodedSchema = Readonly<Record<string, unknown>>;

/** Keyword of OpenAPI → what stands for it in the generated file. */
export const shortKeywords: ReadonlyMap<string, string> = new Map([
  ['$ref', '$'],
  ['additionalProperties', 'a'],
  ['allOf', 'A'],
  ['default', 'd'],
  ['enum', 'e'],
  ['format', 'f'],
  ['items', 'i'],
  ['oneOf', 'o'],
  ['properties', 'p'],
  ['required', 'r'],
  ['type', 't'],
  ['x-kubernetes-group-version-kind', 'g'],
  ['x-kubernetes-list-map-keys', 'k'],
  ['x-kubernetes-list-type', 'l'],
  ['x-kubernetes-map-type', 'm'],
  ['x-kubernetes-patch-merge-key', 'q'],
  ['x-kubernetes-patch-strategy', 's'],
]);

const longKeywords: ReadonlyMap<string, string> = new Map(
  [...shortKeywords].map(([long, short]) => [short, long]),
);

/** What every `$ref` of an OpenAPI v3 document begins with. */
export const referencePrefix = '#/components/schemas/';

/** Gives a definition back as the document said it. */
export function decodeDefinition(
  encoded: EncodedSchema,
  nodes: readonly OpenApiSchema[],
): OpenApiSchema {
  const { p, z: _, ...rest } = encoded;
  const schema = decodeSchema(rest);
  if (p === undefined) return schema;
  const properties: Record<string, OpenApiSchema | undefined> = {};
  for (const [name, index] of Object.entries(p as Readonly<Record<string, number>>)) {
    properties[name] = nodes[index];
  }
  return { ...schema, properties };
}

/** Gives a schema back as the document said it. */
export function decodeSchema(encoded: EncodedSchema): OpenApiSchema {
  const schema: Record<string, unknown> = {};
  for (const short of Object.keys(encoded)) {
    const value = encoded[short];
    switch (short) {
      case '$':
        schema['$ref'] = referencePrefix + String(value);
        break;
      case 'a':
      case 'i':
        schema[longKeywords.get(short) ?? short] =
          typeof value === 'object' ? decodeSchema(value as EncodedSchema) : value;
        break;
      case 'A':
      case 'o':
        schema[longKeywords.get(short) ?? short] = (value as readonly EncodedSchema[]).map(
          decodeSchema,
        );
        break;
      case 'p':
        schema['properties'] = Object.fromEntries(
          Object.entries(value as Readonly<Record<string, EncodedSchema>>).map(
            ([name, property]) => [name, decodeSchema(property)],
          ),
        );
        break;
      default:
        schema[longKeywords.get(short) ?? short] = value;
    }
  }
  return schema;
}
