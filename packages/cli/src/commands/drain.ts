import { timeLimit } from '@fairway/host';
import { formatDuration } from '@fairway/protocol';
import type { Client } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { longestMs, readTimeLimit, truthOf } from '../flag-values.ts';
import { dryRunSuffixes } from '../output/dry-run.ts';
import { cordonNode } from '../nodes/cordon-node.ts';
import { endPods } from '../nodes/end-pods.ts';
import { type DrainRules, planDrain, podText } from '../nodes/pods-to-drain.ts';
import { selectNodes } from '../nodes/select-nodes.ts';
import type { SelectedObject } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { throwAll } from '../selection/visit-objects.ts';
import { type WriteFlags, type Writing, readWriting } from '../writes/write-flags.ts';

export interface DrainFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly ignoreDaemonsets?: string | boolean;
  readonly deleteEmptydirData?: string | boolean;
  readonly force?: string | boolean;
  readonly disableEviction?: string | boolean;
  readonly gracePeriod: string;
  readonly timeout: string;
  readonly podSelector?: string;
  readonly skipWaitForDeleteTimeout: string;
}

/** Takes the pods off nodes, and lets no more come. */
export async function drain(
  context: CommandContext,
  words: readonly string[],
  flags: DrainFlags,
): Promise<void> {
  const rules = readRules(flags);
  const timeoutMs = readTimeLimit('--timeout', flags.timeout);
  const gracePeriodSeconds = readGraceSeconds(flags.gracePeriod);
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const nodes = await selectNodes({ context, client, flags, command: 'drain' }, words);
  for (const node of nodes) await cordonNode({ context, client, ...writing }, node, true);
  using limit = timeLimit(context.host.clock, timeoutMs === 0 ? longestMs : timeoutMs, {
    signal: context.signal,
    late: () => new CommandError(`global timeout reached: ${formatDuration(timeoutMs)}`),
  });
  const { signal } = limit;
  const draining: Draining = {
    context,
    client,
    rules,
    writing,
    podSelector: flags.podSelector ?? '',
    isEvictionDisabled: truthOf('--disable-eviction', flags.disableEviction) === true,
    gracePeriodSeconds,
    signal,
  };
  const pending: string[] = [];
  const failures: unknown[] = [];
  for (const node of nodes) {
    try {
      await drainNode(draining, node);
      await writing.print({ resource: node.resource, object: named(node), operation: 'drained' });
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(error);
      pending.push(node.name);
      await context.output.writeError(
        `error: unable to drain node ${JSON.stringify(node.name)} due to error: ${messageOf(error)}, continuing command...\n`,
      );
    }
  }
  if (pending.length > 0) {
    const names = pending.map((name) => ` ${name}\n`);
    await context.output.writeError(`There are pending nodes to be drained:\n${names.join('')}`);
  }
  throwAll(failures);
}

interface Draining {
  readonly context: CommandContext;
  readonly client: Client;
  readonly rules: DrainRules;
  readonly writing: Writing;
  readonly podSelector: string;
  readonly isEvictionDisabled: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly signal: AbortSignal;
}

async function drainNode(draining: Draining, { name }: SelectedObject): Promise<void> {
  const { context, client, writing, podSelector, signal } = draining;
  const { output } = context;
  const { Pod } = await import('@fairway/kinds/core/v1');
  const { items } = await client
    .list(Pod, {
      allNamespaces: true,
      fieldSelector: { 'spec.nodeName': name },
      signal,
      ...(podSelector === '' ? {} : { labelSelector: podSelector }),
    })
    .all();
  const { pods, warnings } = await planDrain({ client, signal }, items, draining.rules);
  if (warnings !== '') await output.writeError(`Warning: ${warnings}\n`);
  if (writing.dryRun !== 'none') {
    const doing = draining.isEvictionDisabled ? 'deleting' : 'evicting';
    const suffix = dryRunSuffixes[writing.dryRun];
    for (const pod of pods) await output.write(`${doing} pod ${podText(pod)}${suffix}\n`);
    return;
  }
  const failed = await endPods(draining, pods);
  if (failed.length === 0) return;
  const texts = failed.map(({ error }) => messageOf(error));
  const why = texts.length === 1 ? String(texts[0]) : `[${texts.join(', ')}]`;
  const left = failed.map(({ pod }) => `pod/${pod.metadata?.name ?? ''}\n`);
  await output.writeError(
    `There are pending pods in node ${JSON.stringify(name)} when an error occurred: ${why}\n${left.join('')}`,
  );
  throwAll([new CommandError(why)]);
}

function named({ name }: SelectedObject): { readonly metadata: { readonly name: string } } {
  return { metadata: { name } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function readRules(flags: DrainFlags): DrainRules {
  const seconds = flags.skipWaitForDeleteTimeout;
  if (!/^\d{1,9}$/.test(seconds)) {
    throw new CommandError(
      `--skip-wait-for-delete-timeout ${JSON.stringify(seconds)} is no number of seconds`,
    );
  }
  return {
    ignoresDaemonSets: truthOf('--ignore-daemonsets', flags.ignoreDaemonsets) === true,
    deletesEmptyDirData: truthOf('--delete-emptydir-data', flags.deleteEmptydirData) === true,
    isForced: truthOf('--force', flags.force) === true,
    goingMsMax: Number(seconds) * 1_000,
  };
}

function readGraceSeconds(text: string): number | undefined {
  if (!/^-?\d{1,9}$/.test(text)) {
    throw new CommandError(`--grace-period ${JSON.stringify(text)} is no number of seconds`);
  }
  return Number(text) < 0 ? undefined : Number(text);
}
