import { timeLimit } from '@fairway/host';
import type { Client, DynamicObject } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { longestMs, readTimeLimit, truthOf } from '../flag-values.ts';
import { readRevision } from '../rollouts/read-revision.ts';
import { rolloutStatusReader } from '../rollouts/rollout-status.ts';
import { visitRollouts } from '../rollouts/visit-rollouts.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';

export interface RolloutStatusFlags extends ClusterFlags, SelectionFlags {
  readonly watch?: string | boolean;
  readonly revision: string;
  readonly timeout: string;
}

/** Tells how far rollouts are, until they are over. */
export async function rolloutStatus(
  context: CommandContext,
  words: readonly string[],
  flags: RolloutStatusFlags,
): Promise<void> {
  const revision = readRevision('revision', flags.revision);
  const timeoutMs = readTimeLimit('--timeout', flags.timeout);
  const isWatched = truthOf('--watch', flags.watch) ?? true;
  await using client = await openClient(context, flags);
  await visitRollouts({ context, client, flags }, words, async (selected) => {
    await follow({ context, client, revision, isWatched, timeoutMs }, selected);
  });
}

interface Following {
  readonly context: CommandContext;
  readonly client: Client;
  readonly revision: number;
  readonly isWatched: boolean;
  /** 0 for no limit. */
  readonly timeoutMs: number;
}

async function follow(
  { context, client, revision, isWatched, timeoutMs }: Following,
  selected: SelectedObject,
): Promise<void> {
  const { resource, name } = selected;
  const read = resource.group === 'apps' ? rolloutStatusReader(resource.kind) : undefined;
  if (read === undefined) {
    throw new CommandError(`no status viewer has been implemented for ${resource.kind}`);
  }
  let said = '';
  let saying = Promise.resolve();
  const until = (object: DynamicObject | undefined): boolean => {
    if (object === undefined) {
      throw new CommandError(
        said === ''
          ? `${resource.plural} ${JSON.stringify(name)} not found`
          : 'object has been deleted',
      );
    }
    const { text, isOver } = read(object, revision);
    if (text !== said) saying = saying.then(() => context.output.write(`${text}\n`));
    said = text;
    return isOver || !isWatched;
  };
  const place = placeOf(selected);
  using limit = timeLimit(context.host.clock, timeoutMs === 0 ? longestMs : timeoutMs, {
    signal: context.signal,
    late: () =>
      new CommandError(
        `timed out waiting for the condition on ${resource.plural}/${name}${said === '' ? '' : `: ${said}`}`,
      ),
  });
  const { signal } = limit;
  try {
    // A name that there is not is refused in the words of the server.
    if (!until(await client.get(resource, name, { ...place, signal }))) {
      await client.waitFor(resource, name, { until }, { ...place, signal, timeoutMs: longestMs });
    }
  } finally {
    await saying;
  }
}
