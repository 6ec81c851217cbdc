import type { Client } from '@fairway/client';
import { Node } from '@fairway/kinds/core/v1';
import { compareQuantities } from '@fairway/protocol';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { nothingFound } from '../output/nothing-found.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { truthOf } from '../flag-values.ts';
import { ColumnWidths } from '../output/column-widths.ts';
import { visibleText } from '../output/visible-text.ts';
import {
  type Usage,
  type UsageText,
  readUsage,
  shareCells,
  sumOf,
  unknown,
  usageCells,
} from '../top/usage.ts';

interface TopFlags extends ClusterFlags {
  readonly selector?: string;
  readonly sortBy?: string;
  readonly headers: boolean;
}

export interface TopNodeFlags extends TopFlags {
  readonly showCapacity?: string | boolean;
}

export interface TopPodFlags extends TopFlags {
  readonly allNamespaces?: boolean;
  readonly containers?: boolean;
  readonly sum?: boolean;
  readonly fieldSelector?: string;
}

/** Shows what nodes use, and how much that is of what they have. */
export async function topNode(
  context: CommandContext,
  name: string | undefined,
  flags: TopNodeFlags,
): Promise<void> {
  checkFlags(name, flags);
  const isOfCapacity = truthOf('--show-capacity', flags.showCapacity) === true;
  await using client = await openClient(context, flags);
  const [measured, nodes] = await Promise.all([
    read(client, nodeMetrics, { name, ...listFlags(context, flags) }),
    read(client, Node, { name, ...listFlags(context, flags) }),
  ]);
  if (measured.length === 0) throw notYet();
  const available = new Map(
    nodes.map(({ metadata, status }) => [
      metadata?.name ?? '',
      readUsage(isOfCapacity ? status?.capacity : status?.allocatable),
    ]),
  );
  const rows: (readonly string[])[] = [];
  const usages = measured.map((each) => ({
    name: each.metadata?.name ?? '',
    usage: readUsage(each.usage),
  }));
  for (const { name, usage } of inOrder(usages, flags.sortBy)) {
    const [cpu, memory] = usageCells(usage);
    const [cpuShare, memoryShare] = shareCells(usage, available.get(name) ?? readUsage({}));
    rows.push([name, cpu, cpuShare, memory, memoryShare]);
    available.delete(name);
  }
  for (const name of [...available.keys()].sort()) {
    rows.push([name, unknown, unknown, unknown, unknown]);
  }
  const header = ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'];
  await print(context, flags, header, rows);
}

/** Shows what pods use, or each of their containers. */
export async function topPod(
  context: CommandContext,
  name: string | undefined,
  flags: TopPodFlags,
): Promise<void> {
  checkFlags(name, flags);
  const { allNamespaces = false, containers = false, sum = false } = flags;
  await using client = await openClient(context, flags);
  const measured = await read(client, podMetrics, {
    name,
    ...listFlags(context, flags),
    ...(allNamespaces && name === undefined ? { allNamespaces } : {}),
  });
  if (measured.length === 0) {
    return await context.output.writeError(
      nothingFound(allNamespaces ? undefined : client.namespace),
    );
  }
  const pods = measured.map((each) => {
    const parts = (each.containers ?? []).map(({ name, usage }) => ({
      name,
      usage: readUsage(usage),
    }));
    const { namespace = '', name = '' } = each.metadata ?? {};
    return { namespace, name, parts, usage: sumOf(parts.map(({ usage }) => usage)) };
  });
  const place = (namespace: string): readonly string[] => (allNamespaces ? [namespace] : []);
  const rows = inOrder(pods, flags.sortBy).flatMap(({ namespace, name, parts, usage }) =>
    containers
      ? inOrder(parts, flags.sortBy).map((part) => [
          ...place(namespace),
          name,
          part.name,
          ...usageCells(part.usage),
        ])
      : [[...place(namespace), name, ...usageCells(usage)]],
  );
  const names = [...place('NAMESPACE'), ...(containers ? ['POD'] : []), 'NAME'];
  const total = usageCells(sumOf(pods.map(({ usage }) => usage)));
  const blank = names.map(() => '');
  const sums = sum
    ? [
        [...blank, '________', '________'],
        [...blank, ...total],
      ]
    : [];
  await print(context, flags, [...names, 'CPU(cores)', 'MEMORY(bytes)'], [...rows, ...sums]);
}

interface NodeMetrics extends KubernetesObject {
  readonly usage?: UsageText;
}

interface PodMetrics extends KubernetesObject {
  readonly containers?: readonly { readonly name: string; readonly usage?: UsageText }[];
}

const group = { group: 'metrics.k8s.io', version: 'v1beta1' } as const;
const nodeMetrics: ResourceDescriptor<NodeMetrics> = {
  ...group,
  kind: 'NodeMetrics',
  plural: 'nodes',
  isNamespaced: false,
};
const podMetrics: ResourceDescriptor<PodMetrics> = {
  ...group,
  kind: 'PodMetrics',
  plural: 'pods',
  isNamespaced: true,
};

function checkFlags(name: string | undefined, { selector = '', sortBy = '' }: TopFlags): void {
  if (name !== undefined && selector !== '') {
    throw new CommandError('only one of NAME or --selector can be provided');
  }
  if (!['', 'cpu', 'memory'].includes(sortBy)) {
    throw new CommandError('--sort-by accepts only cpu or memory');
  }
}

interface ListFlags {
  readonly signal: AbortSignal;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly allNamespaces?: boolean;
}

function listFlags(
  { signal }: CommandContext,
  { selector, fieldSelector }: TopFlags & Pick<TopPodFlags, 'fieldSelector'>,
): ListFlags {
  return {
    signal,
    ...(selector === undefined ? {} : { labelSelector: selector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

async function read<T extends KubernetesObject>(
  client: Client,
  kind: ResourceDescriptor<T>,
  { name, ...options }: ListFlags & { readonly name: string | undefined },
): Promise<readonly T[]> {
  const { signal } = options;
  if (name !== undefined) return [await client.get(kind, name, { signal })];
  return (await client.list(kind, options).all()).items;
}

function notYet(): CommandError {
  return new CommandError(
    'metrics not available yet: what nodes use is known some seconds after they have started, and never of simulated ones',
  );
}

interface Measured {
  readonly name: string;
  readonly namespace?: string;
  readonly usage: Usage;
}

/** The largest first, or by their names. */
function inOrder<T extends Measured>(all: readonly T[], by = ''): readonly T[] {
  const byNames = (one: T, other: T): number =>
    byText(one.namespace ?? '', other.namespace ?? '') || byText(one.name, other.name);
  if (by !== 'cpu' && by !== 'memory') return all.toSorted(byNames);
  return all.toSorted((one, other) => compareQuantities(other.usage[by], one.usage[by]));
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Every cell is padded, the last one of a row too. */
async function print(
  { output }: CommandContext,
  { headers }: TopFlags,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const lines = headers ? [header, ...rows] : rows;
  await output.write(new ColumnWidths().align(lines.map((row) => [...row.map(visibleText), ''])));
}
