import type { Client, DynamicObject } from '@fairway/client';
import { type DeleteOptions, isNotFound } from '@fairway/client';
import { type Status, parseDuration } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { nothingFound } from '../output/nothing-found.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { longestMs, truthOf } from '../flag-values.ts';
import { type DryRun, dryRunSuffixes, readDryRun } from '../output/dry-run.ts';
import { typeNameOf } from '../output/type-name.ts';
import {
  type SelectedObject,
  placeOf,
  selectObjects,
  selecting,
} from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { collectObjects, throwAll, visitEach } from '../selection/visit-objects.ts';
import { readCascade } from '../writes/read-cascade.ts';
import { readLine } from '../writes/read-line.ts';
import { type Deleted, waitUntilGone } from '../writes/wait-until-gone.ts';

export interface DeleteFlags extends ClusterFlags, SelectionFlags {
  readonly cascade?: string | boolean;
  readonly dryRun?: string | boolean;
  readonly force?: boolean;
  readonly gracePeriod: string;
  readonly ignoreNotFound?: string | boolean;
  readonly interactive?: boolean;
  readonly now?: boolean;
  readonly output?: string;
  readonly timeout: string;
  readonly wait?: string | boolean;
}

/** Deletes objects, and waits until they are gone. */
export async function deleteObjects(
  context: CommandContext,
  words: readonly string[],
  flags: DeleteFlags,
): Promise<void> {
  const deletion = readDeletion(flags);
  const { output, signal } = context;
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  if (flags.force === true && deletion.dryRun === 'none') {
    await output.writeError(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    );
  }
  const deleted: Deleted[] = [];
  let hasWarned = flags.namespace === undefined;
  const visit = async (selected: SelectedObject): Promise<void> => {
    if (!hasWarned && selected.namespace === undefined) {
      hasWarned = true;
      await output.writeError(
        'Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n',
      );
    }
    const uid = await deleteOne({ client, context, deletion }, selected);
    if (uid !== undefined) deleted.push({ ...selected, uid });
  };
  const failures: unknown[] = [];
  let selected: Iterable<SelectedObject> | AsyncIterable<SelectedObject>;
  if (flags.interactive === true && deletion.dryRun === 'none') {
    const shown = await collectObjects(task, words);
    if (!(await isWanted(context, shown))) return;
    selected = shown;
  } else {
    selected = selectObjects(task, words, (error) => failures.push(error));
  }
  const count = await visitEach(selected, { doing: 'deleting', visit, failures, signal });
  if (count === 0 && failures.length === 0) await output.write(nothingFound(undefined));
  if (deletion.isAwaited && deletion.dryRun === 'none') {
    await waitUntilGone({ client, context, timeoutMs: deletion.timeoutMs }, deleted);
  }
  throwAll(failures);
}

/** What the flags ask for. */
interface Deletion {
  readonly options: DeleteOptions;
  readonly dryRun: DryRun;
  readonly isForced: boolean;
  readonly isAwaited: boolean;
  readonly ignoresNotFound: boolean;
  readonly printsNames: boolean;
  readonly timeoutMs: number;
}

function readDeletion(flags: DeleteFlags): Deletion {
  const { output = '', force: isForced = false } = flags;
  if (output !== '' && output !== 'name') {
    throw new CommandError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  }
  const dryRun = readDryRun(flags.dryRun);
  const graceSeconds = readGracePeriod(flags);
  const timeoutMs = parseDuration(flags.timeout);
  if (timeoutMs === undefined || timeoutMs < 0) {
    throw new CommandError(
      `--timeout ${JSON.stringify(flags.timeout)} is no time: write 30s or 5m`,
    );
  }
  // Without force, 0 would end what runs without a word.
  const isGentle = graceSeconds === 0 && !isForced;
  const gracePeriodSeconds = isGentle ? 1 : graceSeconds;
  const selects = flags.all === true || (flags.selector ?? flags.fieldSelector ?? '') !== '';
  return {
    options: {
      propagationPolicy: readCascade(flags.cascade),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(dryRun === 'server' ? { dryRun: true } : {}),
    },
    dryRun,
    isForced,
    isAwaited: isGentle || (truthOf('--wait', flags.wait) ?? true),
    // What others delete meanwhile is gone as wished.
    ignoresNotFound: truthOf('--ignore-not-found', flags.ignoreNotFound) ?? selects,
    printsNames: output === 'name',
    timeoutMs: timeoutMs === 0 ? longestMs : timeoutMs,
  };
}

function readGracePeriod({ gracePeriod, now, force }: DeleteFlags): number | undefined {
  if (!/^-?\d{1,9}$/.test(gracePeriod)) {
    throw new CommandError(`--grace-period ${JSON.stringify(gracePeriod)} is no number of seconds`);
  }
  const seconds = Number(gracePeriod);
  if (now === true) {
    if (seconds !== -1) {
      throw new CommandError('--now and --grace-period cannot be specified together');
    }
    return 1;
  }
  if (force !== true) return seconds < 0 ? undefined : seconds;
  if (seconds <= 0) return 0;
  throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
}

/** Answers the UID of what is going; undefined where nothing is. */
async function deleteOne(
  { client, context, deletion }: { client: Client; context: CommandContext; deletion: Deletion },
  selected: SelectedObject,
): Promise<string | undefined> {
  const { resource, name } = selected;
  if (name === '') throw new CommandError('resource name may not be empty');
  const { options, dryRun, isForced, ignoresNotFound, printsNames } = deletion;
  let answer: DynamicObject | Status | undefined;
  if (dryRun !== 'client') {
    try {
      const place = placeOf(selected);
      answer = await client.delete(resource, name, {
        ...options,
        ...place,
        signal: context.signal,
      });
    } catch (error) {
      if (ignoresNotFound && isNotFound(error)) return undefined;
      throw error;
    }
  }
  const type = typeNameOf(resource);
  const said = isForced ? 'force deleted' : 'deleted';
  await context.output.write(
    printsNames ? `${type}/${name}\n` : `${type} "${name}" ${said}${dryRunSuffixes[dryRun]}\n`,
  );
  return answer === undefined ? undefined : uidOf(answer);
}

/** Undefined where the server says that it is gone. */
function uidOf(answer: DynamicObject | Status): string | undefined {
  if (answer.kind === 'Status') return undefined;
  return (answer as DynamicObject).metadata?.uid;
}

async function isWanted(
  context: CommandContext,
  selected: readonly SelectedObject[],
): Promise<boolean> {
  const { output } = context;
  const lines = selected.map(({ resource, name }) => `${typeNameOf(resource)}/${name}\n`);
  await output.write(
    `You are about to delete the following ${selected.length} resource(s):\n${lines.join('')}Do you want to continue? (y/n): `,
  );
  const isYes = /^(y|yes)\s*$/i.test(await readLine(context));
  if (!isYes) await output.write('deletion is cancelled\n');
  return isYes;
}
