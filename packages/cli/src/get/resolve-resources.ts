import type { DiscoveredResource, Discovery } from '@fairway/client';
import { CommandError } from '../command-error.ts';
import type { NamedResources } from './parse-resource-arguments.ts';

/** A resource of the server, and the objects of it that are wanted; no names: all of them. */
export interface WantedResource {
  readonly resource: DiscoveredResource;
  readonly names: readonly string[];
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

/** `pod`, `deployment.apps`: how an object is named in front of its name. */
export function typeNameOf({ singular, kind, group }: DiscoveredResource): string {
  const name = singular === '' ? kind.toLowerCase() : singular;
  return group === '' ? name : `${name}.${group}`;
}
