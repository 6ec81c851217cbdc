import { brotliCompressSync, constants } from 'node:zlib';
import {
  type EncodedOpenApi,
  type EncodedPath,
  type GroupVersionKind,
  sharedFields,
} from '../../packages/kinds/src/open-api-encoding.ts';
import {
  type OpenApiDocument,
  type OpenApiSchema,
  kindsOf,
} from '../../packages/cli/src/typegen/open-api-facts.ts';

/** An OpenAPI v2 document, as JSON; only what v3 documents may lack. */
export interface SwaggerDocument {
  readonly paths: Readonly<Record<string, { readonly get?: SwaggerOperation }>>;
  readonly definitions: Readonly<Record<string, OpenApiSchema>>;
}

interface SwaggerOperation {
  readonly produces?: readonly string[];
  readonly responses: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [field: string]: unknown;
}

/** Makes `open-api-data.ts`: what documents say beside the schemas, in the form of `open-api-encoding.ts`. */
export function writeOpenApi(
  documents: ReadonlyMap<string, OpenApiDocument>,
  swagger: SwaggerDocument,
): string {
  const json = Buffer.from(JSON.stringify(encodeOpenApi(documents, swagger)));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
  };
  const base64 = brotliCompressSync(json, { params }).toString('base64');
  const lines = base64.match(/.{1,100}/g) ?? [];
  return `${notice}export const openApiBase64: string = \`\n${lines.join('\n')}\n\`;\n`;
}

const notice =
  '// The words are documentation of Kubernetes, Copyright The Kubernetes Authors, under the Apache\n' +
  '// License, Version 2.0; see packages/kinds/NOTICE.\n';

/** Makes `metadata-words.ts`: what every Table says of its columns of names and ages. */
export function writeMetadataWords(documents: ReadonlyMap<string, OpenApiDocument>): string {
  const name = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
  const schema = documents.get('api/v1')?.components?.schemas?.[name];
  if (schema === undefined) throw new Error(`the document api/v1 has no ${name}`);
  const { name: ofName, creationTimestamp } = wordsOf(schema);
  const words = { name: ofName, creationTimestamp };
  return `${notice}export const metadataWords = ${JSON.stringify(words, null, 2)} as const;\n`;
}

function encodeOpenApi(
  documents: ReadonlyMap<string, OpenApiDocument>,
  swagger: SwaggerDocument,
): EncodedOpenApi {
  const all = new Map([...documents, ...onlyInSwagger(documents, swagger)]);
  const sorted = [...all].sort(([one], [other]) => (one < other ? -1 : 1));
  const pool = new SharedPool();
  return {
    words: Object.fromEntries(
      sorted.flatMap(([, { components }]) =>
        Object.entries(components?.schemas ?? {}).map(([name, schema]) => [name, wordsOf(schema)]),
      ),
    ),
    documents: Object.fromEntries(
      sorted.map(([name, { paths = {} }]) => [
        name,
        mapValues(paths, (path) => pool.encodePath(path)),
      ]),
    ),
    shared: pool.values,
    kindsOfEveryGroup: kindsOfEveryGroup(sorted, swagger),
  };
}

/** Descriptions stand at definitions and their fields, nowhere deeper. */
function wordsOf(schema: OpenApiSchema): Record<string, string> {
  const fields = (schema['properties'] ?? {}) as Readonly<Record<string, OpenApiSchema>>;
  const words: Record<string, string> = {};
  for (const [name, { description }] of [['', schema] as const, ...Object.entries(fields)]) {
    if (typeof description === 'string') words[name] = description;
  }
  return words;
}

/** Each distinct parameter, body and set of responses once. */
class SharedPool {
  readonly values: unknown[] = [];
  readonly #indexes = new Map<string, number>();

  encodePath(path: Readonly<Record<string, unknown>>): EncodedPath {
    return Object.fromEntries(
      Object.entries(path).map(([method, operation]) => [
        method,
        sharedFields.has(method)
          ? this.#encode(operation)
          : this.#encodeFields(operation as Readonly<Record<string, unknown>>),
      ]),
    );
  }

  #encodeFields(operation: Readonly<Record<string, unknown>>): EncodedPath {
    const fields = Object.entries(operation);
    return Object.fromEntries(
      fields.map(([name, value]) => [name, sharedFields.has(name) ? this.#encode(value) : value]),
    );
  }

  #encode(value: unknown): number | readonly number[] {
    return Array.isArray(value) ? value.map((each) => this.#index(each)) : this.#index(value);
  }

  #index(value: unknown): number {
    const text = JSON.stringify(value);
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    this.#indexes.set(text, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** Definitions whose kinds differ from document to document; v2 has all of them. */
function kindsOfEveryGroup(
  documents: readonly (readonly [string, OpenApiDocument])[],
  swagger: SwaggerDocument,
): Record<string, readonly GroupVersionKind[]> {
  const kinds = new Map<string, string>();
  const found: Record<string, readonly GroupVersionKind[]> = {};
  for (const [, { components }] of documents) {
    for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
      const text = JSON.stringify(kindsOf(schema));
      const isOther = kinds.has(name) && kinds.get(name) !== text;
      if (isOther) found[name] = kindsOf(swagger.definitions[name] ?? schema);
      kinds.set(name, text);
    }
  }
  return found;
}

/** Paths of no group that nobody saved a v3 document of. */
function onlyInSwagger(
  documents: ReadonlyMap<string, OpenApiDocument>,
  swagger: SwaggerDocument,
): Map<string, OpenApiDocument> {
  const known = new Set([...documents.values()].flatMap(({ paths = {} }) => Object.keys(paths)));
  const found = new Map<string, OpenApiDocument>();
  for (const [path, { get }] of Object.entries(swagger.paths)) {
    if (known.has(path) || get === undefined) continue;
    const { tags, description, operationId, produces: [type = 'application/json'] = [] } = get;
    const responses = mapValues(get.responses, ({ schema, ...response }) => ({
      ...response,
      ...(schema === undefined ? {} : { content: { [type]: { schema } } }),
    }));
    const operation = { tags, description, operationId, responses };
    found.set(path.replace(/^\/|\/$/g, ''), { paths: { [path]: { get: operation } } });
  }
  return found;
}

function mapValues<From, To>(
  source: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value)]));
}
