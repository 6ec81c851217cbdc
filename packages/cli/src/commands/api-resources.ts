import { type DiscoveredResource, createDiscovery } from '@fairway/client';
import { apiVersionOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { truthOf } from '../flag-values.ts';
import { ColumnWidths } from '../output/column-widths.ts';
import { visibleText } from '../output/visible-text.ts';

export interface ApiResourcesFlags extends ClusterFlags {
  readonly output?: string;
  readonly headers: boolean;
  readonly namespaced?: string | boolean;
  readonly verbs?: readonly string[];
  readonly apiGroup?: string;
  readonly categories?: readonly string[];
  readonly sortBy?: string;
}

/** Shows what resources the server has, each in the version that its group prefers. */
export async function apiResources(
  context: CommandContext,
  flags: ApiResourcesFlags,
): Promise<void> {
  const { output = '', sortBy = '' } = flags;
  if (!['', 'wide', 'name'].includes(output)) {
    throw new CommandError(`--output ${output} is not available; write wide or name`);
  }
  if (!['', 'name', 'kind'].includes(sortBy)) {
    throw new CommandError('--sort-by accepts only name or kind');
  }
  const isWanted = filterOf(flags);
  await using client = await openClient(context, flags);
  const { resources, unknown } = await createDiscovery(client).survey({ signal: context.signal });
  const shown = preferred(resources).filter(isWanted).sort(orderBy(sortBy));
  await context.output.write(output === 'name' ? names(shown) : table(shown, flags));
  if (unknown.length > 0) {
    const whys = unknown.map((each) => `${apiVersionOf(each)}: ${each.why}`).join(', ');
    throw new CommandError(`unable to retrieve the complete list of server APIs: ${whys}`);
  }
}

/** Versions that are preferred come first. */
function preferred(resources: readonly DiscoveredResource[]): DiscoveredResource[] {
  const first = new Map<string, DiscoveredResource>();
  for (const each of resources) {
    const name = qualifiedName(each);
    if (!first.has(name)) first.set(name, each);
  }
  return [...first.values()];
}

function filterOf(flags: ApiResourcesFlags): (resource: DiscoveredResource) => boolean {
  const { apiGroup, verbs = [], categories = [] } = flags;
  const namespaced = truthOf('--namespaced', flags.namespaced);
  return (each) =>
    each.verbs.length > 0 &&
    (namespaced === undefined || each.isNamespaced === namespaced) &&
    (apiGroup === undefined || each.group === apiGroup) &&
    verbs.every((verb) => each.verbs.includes(verb)) &&
    categories.every((category) => each.categories.includes(category));
}

function orderBy(field: string): (one: DiscoveredResource, other: DiscoveredResource) => number {
  const keyOf = (each: DiscoveredResource): string =>
    field === 'name' ? each.plural : field === 'kind' ? each.kind : each.group;
  return (one, other) => byText(keyOf(one), keyOf(other)) || byText(one.plural, other.plural);
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function qualifiedName({ plural, group }: DiscoveredResource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function names(resources: readonly DiscoveredResource[]): string {
  return resources.map((each) => `${visibleText(qualifiedName(each))}\n`).join('');
}

function table(
  resources: readonly DiscoveredResource[],
  { output, headers }: ApiResourcesFlags,
): string {
  const isWide = output === 'wide';
  const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'];
  const rows = resources.map((each) => [
    each.plural,
    each.shortNames.join(','),
    apiVersionOf(each),
    String(each.isNamespaced),
    each.kind,
    ...(isWide ? [each.verbs.join(','), each.categories.join(',')] : []),
  ]);
  const first = headers ? [[...header, ...(isWide ? ['VERBS', 'CATEGORIES'] : [])]] : [];
  return new ColumnWidths().align([...first, ...rows.map((row) => row.map(visibleText))]);
}
