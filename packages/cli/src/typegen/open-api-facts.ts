/** One schema of an OpenAPI v3 document, as JSON. */
export type OpenApiSchema = { readonly [keyword: string]: unknown };

/** A resource that a document's paths serve. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly kind: string;
  readonly version: string;
}

/** What a generator knows about an API: its documents, merged. */
export interface OpenApiFacts {
  /** Sorted by name, descriptions removed. */
  readonly definitions: ReadonlyMap<string, OpenApiSchema>;
  /** Sorted by group, version and plural. */
  readonly resources: readonly ServedResource[];
}

/** An OpenAPI v3 document, as JSON. */
export interface OpenApiDocument {
  readonly info?: { readonly version?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, OpenApiSchema>> };
}

/** Merges the documents of an API. */
export function readOpenApiFacts(documents: readonly OpenApiDocument[]): OpenApiFacts {
  return { definitions: mergeDefinitions(documents), resources: findResources(documents) };
}

function mergeDefinitions(documents: readonly OpenApiDocument[]): Map<string, OpenApiSchema> {
  const merged = new Map<string, OpenApiSchema>();
  for (const document of documents) {
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      const found = withoutDescriptions(schema);
      const known = merged.get(name);
      merged.set(name, known === undefined ? found : joinKinds(known, found));
    }
  }
  return new Map([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const kindsKeyword = 'x-kubernetes-group-version-kind';

/** `DeleteOptions` and `WatchEvent` belong to every group; each document names only its own. */
function joinKinds(known: OpenApiSchema, found: OpenApiSchema): OpenApiSchema {
  const kinds = [...kindsOf(known), ...kindsOf(found)];
  if (kinds.length === 0) return known;
  const key = (kind: GroupVersionKind): string => `${kind.group}/${kind.version}/${kind.kind}`;
  const unique = new Map(kinds.map((kind) => [key(kind), kind]));
  const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  return { ...known, [kindsKeyword]: sorted };
}

/** The kinds a definition is the schema of. */
export function kindsOf(schema: OpenApiSchema): readonly GroupVersionKind[] {
  return (schema[kindsKeyword] as readonly GroupVersionKind[] | undefined) ?? [];
}

function withoutDescriptions(schema: OpenApiSchema): OpenApiSchema {
  const isKept = (keyword: string): boolean =>
    keyword !== 'description' && keyword !== 'title' && !keyword.startsWith('example');
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => isKept(keyword))
      .map(([keyword, value]) => [keyword, withoutNestedDescriptions(keyword, value)]),
  );
}

function withoutNestedDescriptions(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(value as Readonly<Record<string, OpenApiSchema>>)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, schema]) => [name, withoutDescriptions(schema)]),
      );
    case 'items':
    case 'additionalProperties':
    case 'not':
      return typeof value === 'object' ? withoutDescriptions(value as OpenApiSchema) : value;
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return (value as readonly OpenApiSchema[]).map(withoutDescriptions);
    default:
      return value;
  }
}

function findResources(documents: readonly OpenApiDocument[]): ServedResource[] {
  const found = new Map<string, ServedResource>();
  for (const document of documents) {
    for (const [url, item] of Object.entries(document.paths ?? {})) {
      const resource = resourceOf(url, item);
      if (resource === undefined) continue;
      const key = `${resource.group}/${resource.version}/${resource.plural}`;
      const known = found.get(key);
      if (known === undefined || resource.isNamespaced) found.set(key, resource);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
}

/** Reads the path grammar: collections and single objects, not subresources, not `/watch/` paths. */
function resourceOf(
  url: string,
  item: Readonly<Record<string, unknown>>,
): ServedResource | undefined {
  const match = /^\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))\/(?!watch\/)(.+)$/.exec(url);
  if (match === null) return undefined;
  const [, coreVersion, group = '', groupVersion, rest = ''] = match;
  const inNamespace = /^namespaces\/\{namespace\}\/(.+)$/.exec(rest);
  const [plural = '', name, ...further] = (inNamespace?.[1] ?? rest).split('/');
  if (further.length > 0 || (name !== undefined && name !== '{name}')) return undefined;
  const kind = Object.values(item)
    .filter((operation) => typeof operation === 'object' && operation !== null)
    .map((operation) => (operation as OpenApiSchema)[kindsKeyword] as GroupVersionKind | undefined)
    .find((candidate) => candidate !== undefined)?.kind;
  if (kind === undefined) return undefined;
  const version = coreVersion ?? groupVersion ?? '';
  return { group, version, kind, plural, isNamespaced: inNamespace !== null };
}
