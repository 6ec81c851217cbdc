import { createHash } from 'node:crypto';
import { apiVersionOf } from '@fairway/protocol';
import type { DiscoveryDocuments } from '../discovery/discovery-documents.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { type Definitions, gatherDefinitions, reachableDefinitions } from './definitions.ts';
import { encodeSwagger } from './encode-swagger.ts';
import { groupVersionDocument, groupVersionPaths } from './group-version-document.ts';
import { swaggerDocument } from './swagger-document.ts';

/** A document as it is sent, and the tag that changes when it does. */
export interface EncodedDocument {
  readonly bytes: Uint8Array;
  /** In hexadecimal; the same bytes have the same one. */
  readonly hash: string;
}

interface KeptDocument extends EncodedDocument {
  readonly resources: readonly ServedResource[];
}

/**
 * What this server serves, in OpenAPI: made when somebody asks, and made again for the group
 * versions whose resources have changed since.
 */
export class OpenApiDocuments {
  readonly #registry: ResourceRegistry;
  readonly #discovery: DiscoveryDocuments;
  #madeForVersion = 0;
  #groupVersions: ReadonlyMap<string, KeptDocument> = new Map();
  #index: EncodedDocument | undefined;
  #swagger: { readonly json: EncodedDocument; readonly protobuf: EncodedDocument } | undefined;

  constructor(registry: ResourceRegistry, discovery: DiscoveryDocuments) {
    this.#registry = registry;
    this.#discovery = discovery;
  }

  /** Where the document of each group version lies. */
  index(): EncodedDocument {
    this.#refresh();
    this.#index ??= encode({
      paths: Object.fromEntries(
        [...this.#groupVersions].map(([path, { hash }]) => [
          path,
          { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` },
        ]),
      ),
    });
    return this.#index;
  }

  /** The document of `api/v1`, `apis/apps/v1`; undefined when there is no such group version. */
  groupVersion(path: string): EncodedDocument | undefined {
    this.#refresh();
    return this.#groupVersions.get(path);
  }

  /** All there is in one OpenAPI v2 document. */
  swagger(): { readonly json: EncodedDocument; readonly protobuf: EncodedDocument } {
    this.#refresh();
    this.#swagger ??= this.#makeSwagger();
    return this.#swagger;
  }

  #refresh(): void {
    if (this.#madeForVersion === this.#registry.version) return;
    const made = new Map<string, KeptDocument>();
    let definitions: Definitions | undefined;
    for (const [path, resources] of this.#resources()) {
      const known = this.#groupVersions.get(path);
      if (known !== undefined && isSame(known.resources, resources)) {
        made.set(path, known);
        continue;
      }
      definitions ??= gatherDefinitions(this.#registry.all);
      made.set(path, { ...encode(groupVersionDocument(resources, definitions)), resources });
    }
    this.#groupVersions = made;
    this.#index = undefined;
    this.#swagger = undefined;
    this.#madeForVersion = this.#registry.version;
  }

  #resources(): ReadonlyMap<string, readonly ServedResource[]> {
    const byPath = new Map<string, ServedResource[]>();
    for (const groupVersion of this.#discovery.groupVersions())
      byPath.set(pathOf(groupVersion), []);
    for (const resource of this.#registry.all) byPath.get(pathOf(resource))?.push(resource);
    return byPath;
  }

  #makeSwagger(): { readonly json: EncodedDocument; readonly protobuf: EncodedDocument } {
    const definitions = gatherDefinitions(this.#registry.all);
    const paths = Object.assign(
      {},
      ...[...this.#resources().values()].map((each) => groupVersionPaths(each, definitions)),
    ) as ReturnType<typeof groupVersionPaths>;
    const schemas = reachableDefinitions(paths, definitions);
    const document = swaggerDocument({ paths, schemas });
    return { json: encode(document), protobuf: tagged(encodeSwagger(document)) };
  }
}

function pathOf(groupVersion: { readonly group: string; readonly version: string }): string {
  return `${groupVersion.group === '' ? 'api' : 'apis'}/${apiVersionOf(groupVersion)}`;
}

function isSame(one: readonly ServedResource[], other: readonly ServedResource[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}

function encode(document: object): EncodedDocument {
  return tagged(Buffer.from(JSON.stringify(document)));
}

function tagged(bytes: Uint8Array): EncodedDocument {
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
}
