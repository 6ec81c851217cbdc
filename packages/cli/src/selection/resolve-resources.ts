import type { DiscoveredResource, Discovery } from '@fairway/client';
import { type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import type { NamedResources } from './parse-resource-arguments.ts';

/** A resource of the server, and the objects of it that are wanted; no names: all of them. */
export interface WantedResource {
  readonly resource: DiscoveredResource;
  readonly names: readonly string[];
  /** Where the objects are, if that is not where the client works. */
  readonly namespace?: string;
}

/**
 * Finds what the user named among the resources of the server; a category such as `all` is many.
 *
 * Errors: `CommandError` for a type that the server does not have.
 */
export async function resolveResources(
  discovery: Discovery,
  named: readonly NamedResources[],
): Promise<readonly WantedResource[]> {
  const wanted: WantedResource[] = [];
  for (const { type, names } of named) {
    const found = await discovery.find(type);
    const resources = found === undefined ? await inCategory(discovery, type) : [found];
    if (resources.length === 0) {
      throw new CommandError(`the server doesn't have a resource type "${type}"`);
    }
    wanted.push(...resources.map((resource) => ({ resource, names })));
  }
  return merged(wanted);
}

async function inCategory(
  discovery: Discovery,
  category: string,
): Promise<readonly DiscoveredResource[]> {
  const seen = new Set<string>();
  return (await discovery.resources()).filter((resource) => {
    const key = `${resource.plural}.${resource.group}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew && resource.categories.includes(category) && resource.verbs.includes('list');
  });
}

// `pod/a pod/b` is one table.
function merged(wanted: readonly WantedResource[]): readonly WantedResource[] {
  const byResource = new Map<DiscoveredResource, string[]>();
  for (const { resource, names } of wanted) {
    const known = byResource.get(resource);
    if (known === undefined) byResource.set(resource, [...names]);
    else known.push(...names.filter((name) => !known.includes(name)));
  }
  return [...byResource].map(([resource, names]) => ({ resource, names }));
}

/**
 * The resource of an object that says what it is.
 *
 * Errors: `CommandError` for a kind that the server does not have, also when it is asked anew.
 */
export async function resourceOf(
  discovery: Discovery,
  { apiVersion = '', kind = '' }: KubernetesObject,
): Promise<DiscoveredResource> {
  const isIt = (each: DiscoveredResource): boolean =>
    each.kind === kind && apiVersionOf(each) === apiVersion;
  const found = (await discovery.resources()).find(isIt);
  if (found !== undefined) return found;
  // Its definition may have come a moment ago, from the same file.
  discovery.invalidate();
  const resources = await discovery.resources();
  const known = resources.find(isIt);
  if (known !== undefined) return known;
  const others = resources.filter((each) => each.kind === kind).map(apiVersionOf);
  const remedy =
    others.length === 0
      ? 'ensure CRDs are installed first'
      : `the server has it in ${[...new Set(others)].join(', ')}`;
  throw new CommandError(`no matches for kind "${kind}" in version "${apiVersion}": ${remedy}`);
}
