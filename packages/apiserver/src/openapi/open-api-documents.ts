import type { Clock, Timer } from '@fairway/host';
import { type AggregatedApi, AggregatedApis } from '../registry/aggregated-api.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { joinJson } from './document-form.ts';
import { BuiltInDocuments } from './built-in-open-api.ts';
import { type ExtensionDocument, ExtensionDocuments } from './extension-documents.ts';
import { DocumentParts } from './document-parts.ts';
import {
  type DocumentContent,
  type EncodedDocument,
  makeDocument,
  tagged,
} from './make-document.ts';
import { openApiPath } from './open-api-path.ts';
import { openApiForm } from './open-api-form.ts';
import { openApiProtobufForm } from './open-api-protobuf-form.ts';
import { swaggerForm } from './swagger-form.ts';
import { swaggerProtobufForm } from './swagger-protobuf-form.ts';

/** How long unused documents are kept. */
const documentsIdleMs = 5 * 60_000;

/** A document that is being made or was made, of which custom resources among others. */
interface KeptDocument {
  readonly path: string | undefined;
  readonly resources: readonly ServedResource[];
  readonly extensions: readonly ExtensionDocument[];
  readonly document: Promise<EncodedDocument>;
}

type Form = 'openApi' | 'openApiProtobuf' | 'swagger' | 'swaggerProtobuf';

type CustomResources = ReadonlyMap<string, readonly ServedResource[]>;

export interface OpenApiDocumentsParts {
  readonly registry: ResourceRegistry;
  readonly clock: Clock;
  readonly extensions?: ExtensionDocuments;
}

/**
 * What this server serves, in OpenAPI: made on request, once for concurrent requests, and updated
 * with what has changed since.
 */
export class OpenApiDocuments {
  readonly #registry: ResourceRegistry;
  readonly #extensions: ExtensionDocuments;
  readonly #clock: Clock;
  readonly #builtIn: BuiltInDocuments;
  readonly #parts: Readonly<Record<Form, DocumentParts>>;
  /** By form and path. */
  readonly #kept = new Map<string, KeptDocument>();
  #idle: Timer | undefined;

  /** `extensions`: of servers behind services; none when absent. */
  constructor(
    { registry, clock, extensions }: OpenApiDocumentsParts,
    builtIn = new BuiltInDocuments(registry),
  ) {
    this.#extensions = extensions ?? new ExtensionDocuments(new AggregatedApis());
    this.#builtIn = builtIn;
    this.#parts = {
      openApi: new DocumentParts(openApiForm, builtIn),
      openApiProtobuf: new DocumentParts(openApiProtobufForm, builtIn),
      swagger: new DocumentParts(swaggerForm(), builtIn),
      swaggerProtobuf: new DocumentParts(swaggerProtobufForm(), builtIn),
    };
    this.#registry = registry;
    this.#clock = clock;
  }

  /** Where each document lies. */
  async index(): Promise<EncodedDocument> {
    const paths: Record<string, { readonly serverRelativeURL: string }> = {};
    const custom = this.#customResources();
    const own = [
      ...this.#builtIn.parts.documents,
      ...custom.keys(),
      ...this.#extensions.converted().keys(),
    ];
    for (const path of own.sort()) {
      const { hash } = await this.#documentAt(path, 'openApi', custom);
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    for (const [path, hash] of this.#extensions.hashes()) {
      const query = hash === '' ? '' : `?hash=${hash}`;
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}${query}` };
    }
    return tagged(
      joinJson(JSON.stringify({ paths: Object.fromEntries(Object.entries(paths).sort(byKey)) })),
    );
  }

  /** Who answers for a document in place of this server. */
  answering(path: string): AggregatedApi | undefined {
    return this.#extensions.answering(path);
  }

  /** The document of `api/v1`, `apis/apps/v1`, `version`; undefined when there is none. */
  async at(path: string, form: 'json' | 'protobuf'): Promise<EncodedDocument | undefined> {
    const custom = this.#customResources();
    const isKnown =
      custom.has(path) ||
      this.#builtIn.parts.documents.includes(path) ||
      this.#extensions.converted().has(path);
    if (!isKnown) return undefined;
    return this.#documentAt(path, form === 'json' ? 'openApi' : 'openApiProtobuf', custom);
  }

  /** All there is in one OpenAPI v2 document. */
  swagger(form: 'json' | 'protobuf'): Promise<EncodedDocument> {
    const { documents } = this.#builtIn.parts;
    const custom = [...this.#customResources().values()];
    const name = form === 'json' ? 'swagger' : 'swaggerProtobuf';
    const extensions = this.#extensions.all();
    return this.#document(name, { path: undefined, builtIn: documents, custom, extensions });
  }

  #documentAt(path: string, form: Form, custom: CustomResources): Promise<EncodedDocument> {
    const converted = this.#extensions.converted().get(path);
    if (converted !== undefined) {
      return this.#document(form, { path, builtIn: [], custom: [], extensions: [converted] });
    }
    const isBuiltIn = this.#builtIn.parts.documents.includes(path);
    return this.#document(form, {
      path,
      builtIn: isBuiltIn ? [path] : [],
      custom: [custom.get(path) ?? []],
    });
  }

  #document(form: Form, content: DocumentContent): Promise<EncodedDocument> {
    this.#keepForAWhile();
    const resources = [...content.custom].flat();
    const name = `${form} ${content.path ?? ''}`;
    const known = this.#kept.get(name);
    const { extensions = [] } = content;
    const isKnown = known !== undefined && isSame(known.resources, resources);
    if (isKnown && isSame(known.extensions, extensions)) return known.document;
    const parts = this.#parts[form];
    const document = makeDocument(content, parts).finally(() => parts.keepOnly(this.#registry.all));
    const kept = { path: content.path, resources, extensions, document };
    this.#kept.set(name, kept);
    document.catch(() => {
      if (this.#kept.get(name) === kept) this.#kept.delete(name);
    });
    return document;
  }

  /** By where their document lies. Forgets the documents of group versions that are served no more. */
  #customResources(): CustomResources {
    const byPath = new Map<string, ServedResource[]>();
    for (const resource of this.#registry.all) {
      if (resource.isBuiltIn) continue;
      const path = openApiPath(resource);
      byPath.set(path, [...(byPath.get(path) ?? []), resource]);
    }
    for (const [name, { path, resources }] of this.#kept) {
      const isGone = path !== undefined && resources.length > 0 && !byPath.has(path);
      if (isGone) this.#kept.delete(name);
    }
    return byPath;
  }

  #keepForAWhile(): void {
    this.#idle?.cancel();
    this.#idle = this.#clock.schedule(documentsIdleMs, () => {
      this.#kept.clear();
      for (const each of Object.values(this.#parts)) each.clear();
      this.#builtIn.clear();
      this.#extensions.clear();
    });
  }
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function isSame<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}
