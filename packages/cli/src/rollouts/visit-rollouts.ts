import type { Client } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { nothingFound } from '../output/nothing-found.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { type SelectedObject, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { visitObjects } from '../selection/visit-objects.ts';

/** Who asks for workloads, and by which flags. */
export interface VisitingRollouts {
  readonly context: CommandContext;
  readonly client: Client;
  readonly flags: ClusterFlags & SelectionFlags;
}

/** As many objects as are asked for at a time. */
const chunkSize = 500;

/**
 * Does something to the workloads that words, files and selectors mean; a type alone means all of its objects. Says so
 * where there are none.
 */
export async function visitRollouts(
  { context, client, flags }: VisitingRollouts,
  words: readonly string[],
  visit: (selected: SelectedObject) => Promise<void>,
): Promise<void> {
  if (words.length === 0 && (flags.filename ?? []).length === 0 && flags.kustomize === undefined) {
    throw new CommandError(
      'required resource not specified: name a workload, such as deployment/web',
    );
  }
  const task = { ...selecting(context, client, flags), reading: { chunkSize } };
  const count = await visitObjects(task, words, { doing: 'reading', visit });
  if (count === 0) {
    await context.output.writeError(nothingFound(client.namespace));
  }
}
