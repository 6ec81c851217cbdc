import { isNotFound } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { nothingFound } from '../output/nothing-found.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { describeEach } from '../describe/describe-each.ts';
import { truthOf } from '../flag-values.ts';
import {
  type SelectedObject,
  type Selecting,
  selectObjects,
  selecting,
} from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { throwAll } from '../selection/visit-objects.ts';

export interface DescribeFlags extends ClusterFlags, SelectionFlags {
  readonly showEvents: string | boolean;
  readonly chunkSize: string;
}

/** Tells all about objects, and what has to do with them, as kubectl does. */
export async function describe(
  context: CommandContext,
  words: readonly string[],
  flags: DescribeFlags,
): Promise<void> {
  const { filename = [], kustomize } = flags;
  if (words.length === 0 && filename.length === 0 && kustomize === undefined) {
    throw new CommandError(
      'You must specify the type of resource to describe, such as `fairway describe pods`; `fairway api-resources` shows what there is',
    );
  }
  if (!/^\d{1,9}$/.test(flags.chunkSize)) {
    throw new CommandError(
      `--chunk-size ${JSON.stringify(flags.chunkSize)} is no number of objects`,
    );
  }
  const options = {
    chunkSize: Number(flags.chunkSize),
    showsEvents: truthOf('--show-events', flags.showEvents) ?? true,
  };
  await using client = await openClient(context, flags);
  const task = { context, client, ...options };
  const reading = { ...selecting(context, client, flags), reading: options };
  const failures: unknown[] = [];
  const selected = await selectAll(reading, words, failures);
  failures.push(...(await describeEach(task, selected, { before: '\n\n', after: '' })));
  const [failure] = failures;
  if (isNamePrefix(words) && isNotFound(failure)) {
    const begun = await selectByPrefix(reading, words, failures);
    if (begun.length === 0) throw failure;
    return throwAll(await describeEach(task, begun, { before: '', after: '\n' }));
  }
  if (selected.length === 0 && failures.length === 0) {
    await context.output.writeError(
      nothingFound(flags.allNamespaces === true ? undefined : client.namespace),
    );
  }
  throwAll(failures);
}

async function selectAll(
  task: Selecting,
  words: readonly string[],
  failures: unknown[],
): Promise<readonly SelectedObject[]> {
  const selected: SelectedObject[] = [];
  for await (const each of selectObjects(task, words, (error) => failures.push(error))) {
    selected.push(each);
  }
  return selected;
}

/** `TYPE NAME`: where nothing has the name, it is the beginning of some. */
function isNamePrefix(words: readonly string[]): boolean {
  return words.length === 2 && !words.some((word) => word.includes('/'));
}

async function selectByPrefix(
  task: Selecting,
  [type = '', prefix = '']: readonly string[],
  failures: unknown[],
): Promise<readonly SelectedObject[]> {
  const all = await selectAll(task, [type], failures);
  return all.filter(({ name }) => name.startsWith(prefix));
}
