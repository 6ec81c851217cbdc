import type { OpenApiSchema } from '@fairway/kinds/schema';
import { saidObject } from '@fairway/protocol';
import type { AggregatedApi, AggregatedApis } from '../registry/aggregated-api.ts';
import { openApiPath } from './open-api-path.ts';
import { type OpenApiPath, httpMethods } from './open-api-document.ts';

/** What a server behind a service says of its API. */
export interface ExtensionDocument {
  /** By which the server tells whether it has changed. */
  readonly hash: string;
  readonly paths: Readonly<Record<string, OpenApiPath>>;
  readonly schemas: Readonly<Record<string, OpenApiSchema>>;
}

/** The documents of servers behind services. */
export class ExtensionDocuments {
  readonly #apis: AggregatedApis;
  readonly #kept = new Map<string, ExtensionDocument>();

  constructor(apis: AggregatedApis) {
    this.#apis = apis;
  }

  /** Of each of them, by where it lies below `/openapi/v3/`. */
  hashes(): ReadonlyMap<string, string> {
    return new Map(
      this.#apis.all.flatMap((api) => {
        const { openApiHash } = this.#apis.told(api);
        return openApiHash === undefined ? [] : [[openApiPath(api), openApiHash] as const];
      }),
    );
  }

  /** Who answers for a document in place of this server. */
  answering(path: string): AggregatedApi | undefined {
    return this.#apis.all.find((api) => api.resources === undefined && openApiPath(api) === path);
  }

  /**
   * Those that can be read, each asked of its server when it has changed. One that says nothing, or nonsense,
   * must not take their documents from all others.
   */
  async all(): Promise<readonly ExtensionDocument[]> {
    const asked = [...this.hashes()].map(([path, hash]) => this.#ask(path, hash));
    return (await Promise.all(asked)).flatMap((each) => each ?? []);
  }

  clear(): void {
    this.#kept.clear();
  }

  async #ask(path: string, hash: string): Promise<ExtensionDocument | undefined> {
    const known = this.#kept.get(path);
    // Without a hash nobody tells when it changes.
    if (known?.hash === hash && hash !== '') return known;
    try {
      const document = readDocument(path, await this.answering(path)?.openApi?.());
      this.#kept.set(path, { ...document, hash });
      return { ...document, hash };
    } catch {
      return known;
    }
  }
}

/** Only what is below the version that the server is there for: it does not speak for others. */
function readDocument(path: string, document: unknown): Omit<ExtensionDocument, 'hash'> {
  const { paths, components } = saidObject(document);
  const own = Object.entries(saidObject(paths))
    .filter(([name]) => name.startsWith(`/${path}/`))
    .map(([name, operations]) => [name, withDefaults(saidObject(operations))]);
  const { schemas } = saidObject(components);
  return {
    paths: Object.fromEntries(own) as ExtensionDocument['paths'],
    schemas: saidObject(schemas) as ExtensionDocument['schemas'],
  };
}

/** What an operation may leave out, and ours never do. */
function withDefaults(operations: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(operations).map(([method, operation]) => {
    const isOperation = (httpMethods as readonly string[]).includes(method);
    return [
      method,
      isOperation ? { tags: [], responses: {}, ...saidObject(operation) } : operation,
    ];
  });
  return Object.fromEntries(entries) as object;
}
