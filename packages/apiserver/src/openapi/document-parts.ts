import type { OpenApiSchema } from '@fairway/kinds/schema';
import type { ServedResource } from '../registry/served-resource.ts';
import { type BuiltInDocuments, referencesIn } from './built-in-open-api.ts';
import { customDefinitions } from './custom-definitions.ts';
import { customPaths } from './custom-paths.ts';
import type { ExtensionDocument } from './extension-documents.ts';
import type { DocumentForm, EncodedPath } from './document-form.ts';
import type { OpenApiPath } from './open-api-document.ts';
import type { SchemaOrigin } from './swagger-schema.ts';

/** A path or a definition as it is sent, and the definitions that it points at. */
export interface DocumentPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly references: ReadonlySet<string>;
}

/** A path, and the parameters that stand elsewhere in its document. */
export interface PathPart extends DocumentPart {
  readonly parameters?: EncodedPath['parameters'];
}

/** What one custom resource adds to a document. */
export interface ResourceParts {
  readonly paths: readonly PathPart[];
  readonly definitions: readonly DocumentPart[];
}

/**
 * The parts of documents of one form, each made when somebody asks. Those of a custom resource are kept
 * with the resource that they describe: a definition that changes is served by another resource.
 */
export class DocumentParts {
  readonly #form: DocumentForm;
  readonly #builtIn: BuiltInDocuments;
  readonly #ofResources = new Map<ServedResource, ResourceParts>();
  readonly #definitions = new Map<string, DocumentPart>();
  readonly #paths = new Map<string, PathPart>();

  constructor(form: DocumentForm, builtIn: BuiltInDocuments) {
    this.#form = form;
    this.#builtIn = builtIn;
  }

  /** What a custom resource adds. */
  of(resource: ServedResource): ResourceParts {
    const known = this.#ofResources.get(resource);
    if (known !== undefined) return known;
    const { parts } = this.#builtIn;
    const made: ResourceParts = {
      paths: Object.entries(customPaths(resource, parts)).map(([name, path]) =>
        this.path(name, path),
      ),
      definitions: customDefinitions(resource, parts).map(([name, schema]) =>
        this.#made(name, schema, { isBuiltIn: false }),
      ),
    };
    this.#ofResources.set(resource, made);
    return made;
  }

  /** What the document of another server adds, each made when it is asked for, but for what cannot be written down. */
  *pathsOf({ paths }: ExtensionDocument): Iterable<PathPart> {
    for (const each of Object.entries(paths)) yield* attempt(() => this.path(...each));
  }

  *definitionsOf({ schemas }: ExtensionDocument): Iterable<DocumentPart> {
    for (const [name, schema] of Object.entries(schemas)) {
      yield* attempt(() => this.#made(name, schema, { isBuiltIn: false }));
    }
  }

  /** The paths of a built-in document, each made when it is asked for. */
  *builtInPaths(document: string): Iterable<PathPart> {
    for (const [name, path] of Object.entries(this.#builtIn.parts.paths(document))) {
      const known = this.#paths.get(name);
      const made = known ?? this.path(name, path);
      this.#paths.set(name, made);
      yield made;
    }
  }

  /** A built-in definition as it stands in a document; undefined when there is none of that name. */
  definition(name: string, document: string | undefined): DocumentPart | undefined {
    const { parts } = this.#builtIn;
    const isOfEveryGroup = parts.isOfEveryGroup(name);
    const key = isOfEveryGroup ? `${name} in ${document}` : name;
    const known = this.#definitions.get(key);
    if (known !== undefined) return known;
    const schema = isOfEveryGroup ? parts.definitionIn(name, document) : parts.definition(name);
    if (schema === undefined) return undefined;
    const made = this.#made(name, schema, { isBuiltIn: true });
    this.#definitions.set(key, made);
    return made;
  }

  path(name: string, path: OpenApiPath): PathPart {
    return { name, ...this.#form.path(name, path), references: referencesIn(path) };
  }

  /** A whole document, in pieces. */
  join(paths: readonly PathPart[], definitions: readonly DocumentPart[]) {
    const parameters = new Map(paths.flatMap((path) => [...(path.parameters ?? [])]));
    return this.#form.document({
      paths: paths.map(bytesOf),
      definitions: definitions.map(bytesOf),
      parameters: [...parameters].sort(([one], [other]) => (one < other ? -1 : 1)).map(last),
    });
  }

  /** Lets go of the parts of resources that are served no more. */
  keepOnly(resources: readonly ServedResource[]): void {
    const served = new Set(resources);
    for (const each of this.#ofResources.keys()) {
      if (!served.has(each)) this.#ofResources.delete(each);
    }
  }

  /** Lets go of everything. */
  clear(): void {
    this.#ofResources.clear();
    this.#definitions.clear();
    this.#paths.clear();
  }

  #made(name: string, schema: OpenApiSchema, origin: SchemaOrigin): DocumentPart {
    const bytes = this.#form.definition(name, schema, origin);
    return { name, bytes, references: referencesIn(schema) };
  }
}

function attempt<T>(make: () => T): readonly T[] {
  try {
    return [make()];
  } catch {
    return [];
  }
}

function bytesOf({ bytes }: DocumentPart): Uint8Array {
  return bytes;
}

function last([, bytes]: readonly [string, Uint8Array]): Uint8Array {
  return bytes;
}
