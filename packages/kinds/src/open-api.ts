import { brotliDecompressSync } from 'node:zlib';
import { openApiBase64 } from './generated/open-api-data.ts';
import {
  type EncodedOpenApi,
  type EncodedPath,
  type GroupVersionKind,
  sharedFields,
} from './open-api-encoding.ts';
import { builtInDefinitions } from './schema.ts';
import type { OpenApiSchema } from './schema-encoding.ts';

/** The OpenAPI v3 documents of the built-in groups, with all their words. */
export interface BuiltInOpenApi {
  /** Every definition by its name. */
  readonly definitions: ReadonlyMap<string, OpenApiSchema>;
  /** Where documents lie, below `/openapi/v3/`: `api/v1`, `apis/apps`, `version`. */
  readonly documents: readonly string[];
  /** What a document says of each path; undefined for a document that is not built in. */
  paths(document: string): Readonly<Record<string, OpenApiSchema>> | undefined;
  /** The kinds that a definition stands for in all groups together; undefined for most definitions. */
  kindsOfEveryGroup(definition: string): readonly GroupVersionKind[] | undefined;
}

/**
 * Opens the documents of the built-in groups: some 25 ms and 5 MB, so hold it no longer than
 * documents are being made.
 */
export function openBuiltInOpenApi(): BuiltInOpenApi {
  const { words, shared, documents, kindsOfEveryGroup } = JSON.parse(
    brotliDecompressSync(Buffer.from(openApiBase64, 'base64')).toString(),
  ) as EncodedOpenApi;
  const definitions = new Map<string, OpenApiSchema>();
  for (const [name, schema] of builtInDefinitions()) {
    definitions.set(name, withWords(schema, words[name] ?? {}));
  }
  return {
    definitions,
    documents: Object.keys(documents),
    paths: (document) => {
      const encoded = documents[document];
      return encoded === undefined ? undefined : decodePaths(encoded, shared);
    },
    kindsOfEveryGroup: (definition) => kindsOfEveryGroup[definition],
  };
}

function withWords(schema: OpenApiSchema, words: Readonly<Record<string, string>>): OpenApiSchema {
  const own = words[''] === undefined ? schema : { description: words[''], ...schema };
  const fields = schema['properties'] as Readonly<Record<string, OpenApiSchema>> | undefined;
  if (fields === undefined) return own;
  const properties = Object.entries(fields).map(([name, field]) => {
    const description = words[name];
    return [name, description === undefined ? field : { description, ...field }];
  });
  return { ...own, properties: Object.fromEntries(properties) as unknown };
}

function decodePaths(
  encoded: Readonly<Record<string, EncodedPath>>,
  shared: readonly unknown[],
): Readonly<Record<string, OpenApiSchema>> {
  const decode = (value: EncodedPath): OpenApiSchema =>
    mapFields(value, (field, child) => {
      if (!sharedFields.has(field)) return child;
      return Array.isArray(child)
        ? child.map((index: number) => shared[index])
        : shared[child as number];
    });
  const paths = Object.entries(encoded).map(([name, path]) => [
    name,
    mapFields(decode(path), (field, child) =>
      sharedFields.has(field) ? child : decode(child as EncodedPath),
    ),
  ]);
  return Object.fromEntries(paths) as Readonly<Record<string, OpenApiSchema>>;
}

function mapFields(
  source: Readonly<Record<string, unknown>>,
  change: (field: string, value: unknown) => unknown,
): OpenApiSchema {
  return Object.fromEntries(
    Object.entries(source).map(([field, value]) => [field, change(field, value)]),
  );
}
