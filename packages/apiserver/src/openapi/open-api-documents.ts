import type { Clock, Timer } from '@fairway/host';
import { apiVersionOf } from '@fairway/protocol';
import type { DiscoveryDocuments } from '../discovery/discovery-documents.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { joinJson } from './document-form.ts';
import { DocumentParts } from './document-parts.ts';
import { type EncodedDocument, makeDocument, tagged } from './make-document.ts';
import { openApiForm } from './open-api-form.ts';
import { swaggerForm } from './swagger-form.ts';
import { swaggerProtobufForm } from './swagger-protobuf-form.ts';

/** How long unused documents are kept. */
const documentsIdleMs = 5 * 60_000;

/** A document that is being made or was made, and of what. */
interface KeptDocument {
  readonly resources: readonly ServedResource[];
  readonly document: Promise<EncodedDocument>;
}

/**
 * What this server serves, in OpenAPI: made on request, once for concurrent requests, and updated
 * with what has changed since.
 */
export class OpenApiDocuments {
  readonly #registry: ResourceRegistry;
  readonly #discovery: DiscoveryDocuments;
  readonly #clock: Clock;
  readonly #parts = {
    openApi: new DocumentParts(openApiForm),
    json: new DocumentParts(swaggerForm),
    protobuf: new DocumentParts(swaggerProtobufForm),
  };
  /** By the path of a group version, and `json` and `protobuf` for the whole in v2. */
  readonly #kept = new Map<string, KeptDocument>();
  #idle: Timer | undefined;

  constructor(
    registry: ResourceRegistry,
    { discovery, clock }: { readonly discovery: DiscoveryDocuments; readonly clock: Clock },
  ) {
    this.#registry = registry;
    this.#discovery = discovery;
    this.#clock = clock;
  }

  /** Where the document of each group version lies. */
  async index(): Promise<EncodedDocument> {
    const paths: Record<string, { readonly serverRelativeURL: string }> = {};
    for (const [path, resources] of this.#groupVersions()) {
      const { hash } = await this.#document(path, 'openApi', [resources]);
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    return tagged(joinJson(JSON.stringify({ paths })));
  }

  /** The document of `api/v1`, `apis/apps/v1`; undefined when there is no such group version. */
  async groupVersion(path: string): Promise<EncodedDocument | undefined> {
    const resources = this.#groupVersions().get(path);
    return resources === undefined ? undefined : this.#document(path, 'openApi', [resources]);
  }

  /** All there is in one OpenAPI v2 document. */
  swagger(form: 'json' | 'protobuf'): Promise<EncodedDocument> {
    return this.#document(form, form, [...this.#groupVersions().values()]);
  }

  #document(
    name: string,
    form: 'openApi' | 'json' | 'protobuf',
    groupVersions: readonly (readonly ServedResource[])[],
  ): Promise<EncodedDocument> {
    this.#keepForAWhile();
    const resources = groupVersions.flat();
    const known = this.#kept.get(name);
    if (known !== undefined && isSame(known.resources, resources)) return known.document;
    const parts = this.#parts[form];
    const document = makeDocument(groupVersions, parts).finally(() =>
      parts.keepOnly(this.#registry.all),
    );
    const kept = { resources, document };
    this.#kept.set(name, kept);
    document.catch(() => {
      if (this.#kept.get(name) === kept) this.#kept.delete(name);
    });
    return document;
  }

  #groupVersions(): ReadonlyMap<string, readonly ServedResource[]> {
    const byPath = new Map<string, ServedResource[]>();
    for (const groupVersion of this.#discovery.groupVersions())
      byPath.set(pathOf(groupVersion), []);
    for (const resource of this.#registry.all) byPath.get(pathOf(resource))?.push(resource);
    for (const name of this.#kept.keys()) {
      if (name.includes('/') && !byPath.has(name)) this.#kept.delete(name);
    }
    return byPath;
  }

  #keepForAWhile(): void {
    this.#idle?.cancel();
    this.#idle = this.#clock.schedule(documentsIdleMs, () => {
      this.#kept.clear();
      for (const each of Object.values(this.#parts)) each.clear();
    });
  }
}

function pathOf(groupVersion: { readonly group: string; readonly version: string }): string {
  return `${groupVersion.group === '' ? 'api' : 'apis'}/${apiVersionOf(groupVersion)}`;
}

function isSame(one: readonly ServedResource[], other: readonly ServedResource[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}
