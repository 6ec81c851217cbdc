import type { OpenApiSchema } from '@fairway/kinds/schema';
import { parseJson, saidObject } from '@fairway/protocol';
import type { AggregatedApi, AggregatedApis, ToldOpenApi } from '../registry/aggregated-api.ts';
import { openApiPath } from './open-api-path.ts';
import { type OpenApiPath, httpMethods } from './open-api-document.ts';
import { openApiOfSwagger } from './openapi-of-swagger.ts';

/** What a server behind a service says of its API. */
export interface ExtensionDocument {
  readonly paths: Readonly<Record<string, OpenApiPath>>;
  readonly schemas: Readonly<Record<string, OpenApiSchema>>;
}

/** The documents of servers behind services, as far as they are known: nobody waits for such a server. */
export class ExtensionDocuments {
  readonly #apis: AggregatedApis;
  #read = new WeakMap<ToldOpenApi, ExtensionDocument>();

  constructor(apis: AggregatedApis) {
    this.#apis = apis;
  }

  /** The hashes of those that servers answer for, by where they lie below `/openapi/v3/`. */
  hashes(): ReadonlyMap<string, string> {
    return new Map(
      this.#told().flatMap(([path, { version, hash }]) =>
        version === 'v3' ? [[path, hash] as const] : [],
      ),
    );
  }

  /** Those that this server answers for, by where they lie below `/openapi/v3/`. */
  converted(): ReadonlyMap<string, ExtensionDocument> {
    const converted = this.#told().filter(([, { version }]) => version === 'v2');
    return new Map(converted.map(([path, told]) => [path, this.#documentOf(path, told)]));
  }

  /** Who answers for a document in place of this server. */
  answering(path: string): AggregatedApi | undefined {
    return this.#apis.all.find(
      (api) =>
        api.resources === undefined &&
        openApiPath(api) === path &&
        this.#apis.told(api).openApi?.version !== 'v2',
    );
  }

  all(): readonly ExtensionDocument[] {
    return this.#told().map(([path, told]) => this.#documentOf(path, told));
  }

  clear(): void {
    this.#read = new WeakMap();
  }

  #told(): readonly (readonly [string, ToldOpenApi])[] {
    return this.#apis.all.flatMap((api) => {
      const { openApi } = this.#apis.told(api);
      return openApi === undefined ? [] : [[openApiPath(api), openApi] as const];
    });
  }

  #documentOf(path: string, told: ToldOpenApi): ExtensionDocument {
    const document = this.#read.get(told) ?? readDocument(path, told);
    this.#read.set(told, document);
    return document;
  }
}

/** Only what is below the version that the server is there for: it does not speak for others. */
function readDocument(path: string, { version, document }: ToldOpenApi): ExtensionDocument {
  const said = saidObject(parseJson(Buffer.from(document).toString()));
  const { paths, components } = version === 'v2' ? openApiOfSwagger(said) : said;
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
      isOperation
        ? { tags: [], operationId: '', responses: {}, ...saidObject(operation) }
        : operation,
    ];
  });
  return Object.fromEntries(entries) as object;
}
