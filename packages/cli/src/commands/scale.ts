import type { Client, DynamicObject } from '@fairway/client';
import { isConflict } from '@fairway/client';
import { sleep } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { readTimeLimit } from '../flag-values.ts';
import { type SelectedObject, placeOf, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { collectObjects, latestOf, throwAll, visitEach } from '../selection/visit-objects.ts';
import { type WriteFlags, type Writing, readWriting } from '../writes/write-flags.ts';

export interface ScaleFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly replicas?: string;
  readonly currentReplicas: string;
  readonly resourceVersion?: string;
  readonly timeout: string;
}

/** What the flags ask for. */
interface Scaling {
  readonly context: CommandContext;
  readonly client: Client;
  readonly writing: Writing;
  readonly replicas: number;
  /** Only from so many; undefined: from any. */
  readonly currentReplicas: number | undefined;
  readonly resourceVersion: string | undefined;
  /** How long to wait until there are so many; undefined: not at all. */
  readonly timeoutMs: number | undefined;
}

/** Between two looks at how many there are. */
const pauseMs = 1_000;
/** How often a change is tried that others came before. */
const triesMax = 5;

/** Sets how many replicas objects have. */
export async function scale(
  context: CommandContext,
  words: readonly string[],
  flags: ScaleFlags,
): Promise<void> {
  const { signal } = context;
  const replicas = readCount('--replicas', flags.replicas);
  if (replicas === undefined || replicas < 0) {
    throw new CommandError(
      'The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
    );
  }
  const current = readCount('--current-replicas', flags.currentReplicas) ?? -1;
  const timeoutMs = readTimeLimit('--timeout', flags.timeout);
  const { resourceVersion = '' } = flags;
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const scaling: Scaling = {
    context,
    client,
    writing,
    replicas,
    currentReplicas: current < 0 ? undefined : current,
    resourceVersion: resourceVersion === '' ? undefined : resourceVersion,
    timeoutMs: timeoutMs === 0 ? undefined : timeoutMs,
  };
  const task = selecting(context, client, flags);
  const selected = await collectObjects(task, words);
  if (selected.length === 0) throw new CommandError('no objects passed to scale');
  if (selected.length > 1 && resourceVersion !== '') {
    throw new CommandError('cannot use --resource-version with multiple resources');
  }
  const failures: unknown[] = [];
  const visit = async (each: SelectedObject): Promise<void> => {
    const object = await latestOf(task, each);
    if (writing.dryRun !== 'client') await scaleOne(scaling, each, object);
    await writing.print({ resource: each.resource, object, operation: 'scaled' });
  };
  await visitEach(selected, { doing: 'scaling', visit, failures, signal });
  throwAll(failures);
}

function readCount(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new CommandError(`cannot use ${flag} ${JSON.stringify(text)}: it is a number, such as 3`);
}

interface Scale extends DynamicObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

async function scaleOne(
  scaling: Scaling,
  selected: SelectedObject,
  { metadata }: DynamicObject,
): Promise<void> {
  const { client, writing, replicas, timeoutMs } = scaling;
  const { resource, name } = selected;
  const part = client.subresource<Scale>(resource, name, 'scale', placeOf(selected));
  const { signal } = scaling.context;
  const isConditional =
    scaling.currentReplicas !== undefined || scaling.resourceVersion !== undefined;
  if (!isConditional) await part.patch({ merge: { spec: { replicas } } }, writing.options);
  for (let tries = 1; isConditional; tries += 1) {
    const found = await part.get({ signal });
    requireExpected(scaling, found);
    try {
      await part.replace({ ...found, spec: { ...found.spec, replicas } }, writing.options);
      break;
    } catch (error) {
      // What was expected is looked at again.
      if (!isConflict(error) || tries === triesMax) throw error;
    }
  }
  if (timeoutMs === undefined || writing.dryRun !== 'none') return;
  const { clock } = scaling.context.host;
  const endMs = clock.elapsed() + timeoutMs;
  while (true) {
    const { spec, status } = await part.get({ signal });
    // Others may have changed their mind meanwhile; then nobody waits for what we wanted.
    if ((spec?.replicas ?? 0) !== replicas || (status?.replicas ?? 0) === replicas) return;
    if (clock.elapsed() >= endMs) {
      throw new CommandError(
        `timed out waiting for ${JSON.stringify(metadata?.name ?? name)} to be synced: it has ${status?.replicas ?? 0} of ${replicas} replicas`,
      );
    }
    await sleep(clock, Math.min(pauseMs, Math.max(1, endMs - clock.elapsed())), signal);
  }
}

function requireExpected(
  { currentReplicas, resourceVersion }: Scaling,
  { spec, metadata }: Scale,
): void {
  const found = spec?.replicas ?? 0;
  if (currentReplicas !== undefined && found !== currentReplicas) {
    throw new CommandError(`Expected replicas to be ${currentReplicas}, was ${found}`);
  }
  const version = metadata?.resourceVersion ?? '';
  if (resourceVersion !== undefined && version !== resourceVersion) {
    throw new CommandError(`Expected resource version to be ${resourceVersion}, was ${version}`);
  }
}
