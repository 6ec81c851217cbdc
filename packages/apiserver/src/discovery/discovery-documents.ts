import { createHash } from 'node:crypto';
import { type GroupVersion, apiVersionOf } from '@fairway/protocol';
import type { AggregatedApi, AggregatedApis, ToldVersion } from '../registry/aggregated-api.ts';
import type { ApiPriority } from '../registry/api-priorities.ts';
import type { ApiServices } from '../registry/api-services.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ServedResource, ServedSubresource } from '../registry/served-resource.ts';
import { compareVersions } from './compare-versions.ts';

/** What is told of a resource. */
type DiscoveredResource = Pick<
  ServedResource,
  | 'categories'
  | 'group'
  | 'isBuiltIn'
  | 'isNamespaced'
  | 'kind'
  | 'plural'
  | 'shortNames'
  | 'singular'
  | 'storageVersionHash'
  | 'subresources'
  | 'verbs'
  | 'version'
>;

/** A group with its versions, the preferred one first. */
interface ServedGroup {
  readonly group: string;
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly DiscoveredResource[];
    /** In their place, where a server behind a service has them. */
    readonly told?: ToldVersion;
  }[];
}

/** A document and the tag by which a caller can ask whether it has changed. */
export interface TaggedDocument {
  readonly bytes: Buffer;
  readonly etag: string;
}

/**
 * What this server serves, in all the forms in which clients ask: made from the registry, and made
 * again when that has changed. Source: Kubernetes API concepts, "API discovery".
 */
export class DiscoveryDocuments {
  readonly #registry: ResourceRegistry;
  readonly #aggregatedApis: AggregatedApis;
  readonly #apiServices: ApiServices;
  #groups: readonly ServedGroup[] = [];
  #madeForVersion = 0;
  readonly #aggregated = new Map<string, TaggedDocument>();

  constructor(
    registry: ResourceRegistry,
    apiServices: ApiServices,
    aggregatedApis: AggregatedApis,
  ) {
    this.#registry = registry;
    this.#apiServices = apiServices;
    this.#aggregatedApis = aggregatedApis;
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
    // Each only grows.
    const version =
      this.#registry.version + this.#apiServices.version + this.#aggregatedApis.version;
    if (this.#madeForVersion === version) return this.#groups;
    this.#madeForVersion = version;
    this.#aggregated.clear();
    this.#groups = this.#collect();
    return this.#groups;
  }

  #collect(): readonly ServedGroup[] {
    const groups = new Map<string, Map<string, VersionContent>>();
    for (const resource of this.#registry.all) {
      if (this.#aggregatedApis.find(resource) !== undefined) continue;
      const content = versionIn(groups, resource);
      content.resources = [...content.resources, resource];
    }
    for (const api of this.#aggregatedApis.all) {
      const content = versionIn(groups, api);
      if (api.resources === undefined) content.told = this.#aggregatedApis.told(api);
      else content.resources = discoveredResources(api);
    }
    return [...groups].map((each) => this.#ordered(...each)).sort(byPriority);
  }

  #ordered(group: string, versions: ReadonlyMap<string, VersionContent>): PlacedGroup {
    const placed = [...versions].map(([version, content]) => {
      const priority = this.#apiServices.priorityOf({ group, version });
      return { version, ...content, priority };
    });
    const priority = Math.max(...placed.map((each) => each.priority.group));
    return { group, priority, versions: placed.sort(byVersionPriority) };
  }
}

interface VersionContent {
  resources: readonly DiscoveredResource[];
  told?: ToldVersion;
}

function versionIn(
  groups: Map<string, Map<string, VersionContent>>,
  { group, version }: GroupVersion,
): VersionContent {
  const versions = groups.get(group) ?? new Map<string, VersionContent>();
  const content = versions.get(version) ?? { resources: [] };
  groups.set(group, versions.set(version, content));
  return content;
}

/** A group with what decides about its place. */
interface PlacedGroup extends ServedGroup {
  readonly priority: number;
}

/** Source: kube-aggregator, SortedByGroupAndVersion. */
function byPriority(one: PlacedGroup, other: PlacedGroup): number {
  if (one.priority !== other.priority) return other.priority - one.priority;
  return one.group < other.group ? -1 : 1;
}

interface PlacedVersion {
  readonly version: string;
  readonly priority: ApiPriority;
}

function byVersionPriority(one: PlacedVersion, other: PlacedVersion): number {
  return (
    other.priority.version - one.priority.version || compareVersions(one.version, other.version)
  );
}

function discoveredResources({
  group,
  version,
  resources = [],
}: AggregatedApi): readonly DiscoveredResource[] {
  const none = { shortNames: [], categories: [], subresources: new Map<string, never>() };
  return resources.map((each) => ({ ...each, ...none, group, version, isBuiltIn: false }));
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
