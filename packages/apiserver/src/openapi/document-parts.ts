import type { OpenApiSchema } from '@fairway/kinds/schema';
import type { ServedResource } from '../registry/served-resource.ts';
import { customDefinitions } from './custom-definitions.ts';
import { type Definitions, loadDefinitions, referencesIn } from './definitions.ts';
import type { DocumentForm } from './document-form.ts';
import type { OpenApiPath } from './open-api-document.ts';
import { resourcePaths } from './resource-paths.ts';

/** A path or a definition as it is sent, and the definitions that it points at. */
export interface DocumentPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly references: ReadonlySet<string>;
}

/** What one resource adds to a document. */
export interface ResourceParts {
  readonly paths: readonly DocumentPart[];
  /** Those of a custom resource; a built-in one points at built-in definitions. */
  readonly definitions: readonly DocumentPart[];
}

/**
 * The parts of documents of one form, each made when somebody asks and kept with the resource that
 * it describes: a definition that changes is served by another resource.
 */
export class DocumentParts {
  readonly #form: DocumentForm;
  #builtIn: Definitions | undefined;
  readonly #ofResources = new Map<ServedResource, ResourceParts>();
  readonly #definitions = new Map<string, DocumentPart>();

  constructor(form: DocumentForm) {
    this.#form = form;
  }

  of(resource: ServedResource): ResourceParts {
    const known = this.#ofResources.get(resource);
    if (known !== undefined) return known;
    this.#builtIn ??= loadDefinitions();
    const paths = Object.entries(resourcePaths(resource, this.#builtIn.nameOf));
    const made: ResourceParts = {
      paths: paths.map(([name, path]) => this.path(name, path)),
      definitions: customDefinitions(resource).map(([name, schema]) =>
        this.#definition(name, schema),
      ),
    };
    this.#ofResources.set(resource, made);
    return made;
  }

  /** A built-in definition; undefined when there is none of that name. */
  definition(name: string): DocumentPart | undefined {
    const known = this.#definitions.get(name);
    if (known !== undefined) return known;
    this.#builtIn ??= loadDefinitions();
    const schema = this.#builtIn.byName.get(name);
    if (schema === undefined) return undefined;
    const made = this.#definition(name, schema);
    this.#definitions.set(name, made);
    return made;
  }

  path(name: string, path: OpenApiPath): DocumentPart {
    return { name, bytes: this.#form.path(name, path), references: referencesIn(path) };
  }

  /** A whole document, in pieces. */
  join(paths: readonly DocumentPart[], definitions: readonly DocumentPart[]) {
    return this.#form.document(paths.map(bytesOf), definitions.map(bytesOf));
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
    this.#builtIn = undefined;
    this.#ofResources.clear();
    this.#definitions.clear();
  }

  #definition(name: string, schema: OpenApiSchema): DocumentPart {
    return { name, bytes: this.#form.definition(name, schema), references: referencesIn(schema) };
  }
}

function bytesOf({ bytes }: DocumentPart): Uint8Array {
  return bytes;
}
