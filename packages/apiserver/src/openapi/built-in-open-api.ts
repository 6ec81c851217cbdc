import { type BuiltInOpenApi, openBuiltInOpenApi } from '@fairway/kinds/open-api';
import type { OpenApiSchema } from '@fairway/kinds/schema';
import type { ResourceDescriptor } from '@fairway/protocol';
import { type GroupVersionKind, type OpenApiPath, schemaReference } from './open-api-document.ts';
import { openApiPath } from './open-api-path.ts';

/** Finds the name of the definition of a built-in kind; undefined when it has none. */
export type DefinitionNames = (kind: GroupVersionKind) => string | undefined;

/** The paths and definitions of the built-in groups. */
export interface BuiltInParts {
  readonly nameOf: DefinitionNames;
  /** Where their documents lie below `/openapi/v3/`. */
  readonly documents: readonly string[];
  paths(document: string): Readonly<Record<string, OpenApiPath>>;
  definition(name: string): OpenApiSchema | undefined;
  /** Whether a definition says in each document something else: for which kinds it stands there. */
  isOfEveryGroup(name: string): boolean;
  /** Such a definition as it stands in one document, or in that of all groups together. */
  definitionIn(name: string, document: string | undefined): OpenApiSchema;
}

/** Holds what the built-in documents are made of while any are being made. */
export class BuiltInDocuments {
  readonly #open: () => BuiltInOpenApi;
  readonly #resources: BuiltInResources;
  #parts: BuiltInParts | undefined;

  constructor(resources: BuiltInResources, open: () => BuiltInOpenApi = openBuiltInOpenApi) {
    this.#resources = resources;
    this.#open = open;
  }

  get parts(): BuiltInParts {
    return (this.#parts ??= builtInParts(this.#open(), this.#resources));
  }

  /** Lets go of it; whoever asks next reads it again. */
  clear(): void {
    this.#parts = undefined;
  }
}

/** What of Kubernetes a server may serve, and what of it is switched off. */
export interface BuiltInResources {
  readonly builtIn: readonly ResourceDescriptor[];
  readonly unserved: readonly ResourceDescriptor[];
}

/** True of `apis/apps` and `apis/apps/v1` when all of it is switched off. */
function isUnserved(document: string, { builtIn, unserved }: BuiltInResources): boolean {
  const isOf = (each: ResourceDescriptor): boolean =>
    `${openApiPath(each)}/`.startsWith(`${document}/`);
  return unserved.some(isOf) && builtIn.filter(isOf).length === unserved.filter(isOf).length;
}

function servedPaths(
  paths: Readonly<Record<string, unknown>>,
  { unserved }: BuiltInResources,
): Readonly<Record<string, unknown>> {
  if (unserved.length === 0) return paths;
  const off = new Set(unserved.map((each) => `${openApiPath(each)}/${each.plural}`));
  const isServed = ([path]: readonly [string, unknown]): boolean => !off.has(resourceOf(path));
  return Object.fromEntries(Object.entries(paths).filter(isServed));
}

/** `apis/batch/v1/jobs` of `/apis/batch/v1/watch/namespaces/{namespace}/jobs/{name}`. */
function resourceOf(path: string): string {
  const [, root = '', plural = ''] =
    /^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)\/(?:watch\/)?(?:namespaces\/\{namespace\}\/)?([^/]+)/.exec(
      path,
    ) ?? [];
  return `${root}/${plural}`;
}

const kindsKeyword = 'x-kubernetes-group-version-kind';

function builtInParts(openApi: BuiltInOpenApi, resources: BuiltInResources): BuiltInParts {
  const names = new Map<string, string>();
  for (const [name, schema] of openApi.definitions) {
    for (const kind of kindsOf(schema)) names.set(keyOf(kind), name);
  }
  return {
    nameOf: (kind) => names.get(keyOf(kind)),
    documents: openApi.documents.filter((document) => !isUnserved(document, resources)),
    paths: (document) =>
      servedPaths(openApi.paths(document) ?? {}, resources) as Readonly<
        Record<string, unknown>
      > as Readonly<Record<string, OpenApiPath>>,
    definition: (name) => openApi.definitions.get(name),
    isOfEveryGroup: (name) => openApi.kindsOfEveryGroup(name) !== undefined,
    definitionIn: (name, document) => {
      const all = openApi.kindsOfEveryGroup(name) ?? [];
      const kinds = document === undefined ? all : all.filter((kind) => isIn(kind, document));
      return { ...openApi.definitions.get(name), [kindsKeyword]: kinds };
    },
  };
}

/** What every group version has counts as the core's too. */
function isIn({ group, version }: GroupVersionKind, document: string): boolean {
  return group === '' || document === `apis/${group}/${version}`;
}

/** The names of the definitions that a value points at. */
export function referencesIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') found.add(child.slice(schemaReference.length));
    else referencesIn(child, found);
  }
  return found;
}

function kindsOf(schema: OpenApiSchema): readonly GroupVersionKind[] {
  return (schema[kindsKeyword] as GroupVersionKind[] | undefined) ?? [];
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`;
}
