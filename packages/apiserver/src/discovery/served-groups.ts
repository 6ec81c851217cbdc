import type { GroupVersion } from '@fairway/protocol';
import type { AggregatedApi, AggregatedApis, ToldVersion } from '../registry/aggregated-api.ts';
import type { ApiPriority } from '../registry/api-priorities.ts';
import type { ApiServices } from '../registry/api-services.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { compareVersions } from './compare-versions.ts';

/** What is told of a resource. */
export type DiscoveredResource = Pick<
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
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly DiscoveredResource[];
    /** In their place, where a server behind a service has them. */
    readonly told?: ToldVersion;
  }[];
}

/** Whatever says what this server answers. */
export interface ServedGroupsParts {
  readonly registry: ResourceRegistry;
  readonly apiServices: ApiServices;
  readonly aggregatedApis: AggregatedApis;
}

/** All groups, as the priorities of their APIServices place them. Source: kube-aggregator, SortedByGroupAndVersion. */
export function servedGroups({
  registry,
  apiServices,
  aggregatedApis,
}: ServedGroupsParts): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, VersionContent>>();
  for (const resource of registry.all) {
    if (aggregatedApis.find(resource) !== undefined) continue;
    versionIn(groups, resource).resources.push(resource);
  }
  for (const api of aggregatedApis.all) {
    const content = versionIn(groups, api);
    if (api.resources === undefined) content.told = aggregatedApis.told(api);
    else content.resources = discoveredResources(api);
  }
  return [...groups].map((each) => placed(apiServices, ...each)).sort(byPriority);
}

function placed(
  apiServices: ApiServices,
  group: string,
  contents: ReadonlyMap<string, VersionContent>,
): PlacedGroup {
  const versions = [...contents].map(([version, content]) => {
    const priority = apiServices.priorityOf({ group, version });
    return { version, ...content, priority };
  });
  const priority = Math.max(...versions.map((each) => each.priority.group));
  return { group, priority, versions: versions.sort(byVersionPriority) };
}

interface VersionContent {
  resources: DiscoveredResource[];
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
}: AggregatedApi): DiscoveredResource[] {
  const none = { shortNames: [], categories: [], subresources: new Map<string, never>() };
  return resources.map((each) => ({ ...each, ...none, group, version, isBuiltIn: false }));
}
