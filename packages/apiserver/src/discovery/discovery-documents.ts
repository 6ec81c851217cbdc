import { createHash } from 'node:crypto';
import { type GroupVersion, apiVersionOf } from '@fairway/protocol';
import type { ServedSubresource } from '../registry/served-resource.ts';
import {
  type DiscoveredResource,
  type ServedGroup,
  type ServedGroupsParts,
  servedGroups,
} from './served-groups.ts';

/** A document and the tag by which a caller can ask whether it has changed. */
export interface TaggedDocument {
  readonly bytes: Buffer;
  readonly etag: string;
}

/**
 * What this server serves, in all the forms in which clients ask: made when somebody asks, and made
 * again when something else is served. Source: Kubernetes API concepts, "API discovery".
 */
export class DiscoveryDocuments {
  readonly #parts: ServedGroupsParts;
  #groups: readonly ServedGroup[] = [];
  #madeForVersion = 0;
  readonly #aggregated = new Map<string, TaggedDocument>();

  constructor(parts: ServedGroupsParts) {
    this.#parts = parts;
  }

  /** `/apis`, without the core group. */
  groupList(): object {
    const groups = this.#named().map(groupDocument);
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }

  /** `/apis/GROUP`; undefined when there is no such group. */
  group(name: string): object | undefined {
    const group = this.#named().find((each) => each.group === name);
    return group === undefined
      ? undefined
      : { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group) };
  }

  /** `/api/v1` and `/apis/GROUP/VERSION`; undefined when there is no such version. */
  resourceList(group: string, version: string): object | undefined {
    const found = this.#current()
      .find((each) => each.group === group)
      ?.versions.find((each) => each.version === version);
    if (found === undefined) return undefined;
    const groupVersion = apiVersionOf({ group, version });
    const resources = [...found.resources].sort(byPlural).flatMap(resourceDocuments);
    const apiVersion = group === '' ? {} : { apiVersion: 'v1' };
    return { kind: 'APIResourceList', ...apiVersion, groupVersion, resources };
  }

  /** Everything below `/api` or `/apis` in one document. */
  aggregated(root: 'api' | 'apis'): TaggedDocument {
    const groups = root === 'api' ? this.#current().filter(isCore) : this.#named();
    const known = this.#aggregated.get(root);
    if (known !== undefined) return known;
    const document = {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: groups.map(groupDiscovery),
    };
    const bytes = Buffer.from(JSON.stringify(document));
    const hash = createHash('sha512').update(bytes).digest('hex');
    const tagged = { bytes, etag: `"${hash.toUpperCase()}"` };
    this.#aggregated.set(root, tagged);
    return tagged;
  }

  /** Every group and version, for `/`. */
  groupVersions(): readonly GroupVersion[] {
    return this.#current().flatMap(({ group, versions }) =>
      versions.map(({ version }) => ({ group, version })),
    );
  }

  #named(): readonly ServedGroup[] {
    return this.#current().filter((each) => !isCore(each));
  }

  #current(): readonly ServedGroup[] {
    const { registry, apiServices, aggregatedApis } = this.#parts;
    // Each only grows.
    const version = registry.version + apiServices.version + aggregatedApis.version;
    if (this.#madeForVersion === version) return this.#groups;
    this.#madeForVersion = version;
    this.#aggregated.clear();
    this.#groups = servedGroups(this.#parts);
    return this.#groups;
  }
}

function isCore({ group }: { readonly group: string }): boolean {
  return group === '';
}

function byPlural(one: DiscoveredResource, other: DiscoveredResource): number {
  return one.plural < other.plural ? -1 : 1;
}

function groupDocument({ group, versions }: ServedGroup): object {
  const list = versions.map(({ version }) => ({
    groupVersion: apiVersionOf({ group, version }),
    version,
  }));
  return { name: group, versions: list, preferredVersion: list[0] };
}

function resourceDocuments(resource: DiscoveredResource): object[] {
  const { plural, singular, isNamespaced, kind, verbs, shortNames, categories } = resource;
  const hash = resource.storageVersionHash;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced: isNamespaced,
      kind,
      verbs,
      ...(shortNames.length === 0 ? {} : { shortNames }),
      ...(categories.length === 0 ? {} : { categories }),
      ...(hash === undefined ? {} : { storageVersionHash: hash }),
    },
    ...[...resource.subresources.values()].map((each) => subresourceDocument(resource, each)),
  ];
}

function subresourceDocument(resource: DiscoveredResource, subresource: ServedSubresource): object {
  const { name, kind, verbs, group, version } = subresource;
  const isForeign = group !== resource.group || version !== resource.version;
  return {
    name: `${resource.plural}/${name}`,
    singularName: '',
    namespaced: resource.isNamespaced,
    ...(isForeign ? { group, version } : {}),
    kind,
    verbs,
  };
}

function groupDiscovery({ group, versions }: ServedGroup): object {
  return {
    metadata: group === '' ? {} : { name: group },
    versions: versions.map(({ version, resources, told }) => ({
      version,
      resources: told?.resources ?? [...resources].sort(byPlural).map(resourceDiscovery),
      freshness: told?.freshness ?? 'Current',
    })),
  };
}

function resourceDiscovery(resource: DiscoveredResource): object {
  const { plural, kind, isNamespaced, singular, verbs, shortNames, categories } = resource;
  const subresources = [...resource.subresources.values()].map((each) => ({
    subresource: each.name,
    responseKind: responseKind(resource, each),
    verbs: each.verbs,
  }));
  return {
    resource: plural,
    responseKind: {
      group: resource.isBuiltIn ? '' : resource.group,
      version: resource.isBuiltIn ? '' : resource.version,
      kind,
    },
    scope: isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** On the wire, group and version are left empty where they are those of the resource. */
function responseKind(resource: DiscoveredResource, subresource: ServedSubresource): object {
  const { group, version, kind } = subresource;
  const isSame = group === resource.group && version === resource.version;
  return isSame && resource.isBuiltIn ? { group: '', version: '', kind } : { group, version, kind };
}
