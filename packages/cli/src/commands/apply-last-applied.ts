import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { readDryRun } from '../output/dry-run.ts';
import { documentFormat } from '../output/output-format.ts';
import { type OutcomeFlags, outcomePrinter } from '../output/print-outcome.ts';
import { type SelectedObject, placeOf, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { latestOf, visitObjects } from '../selection/visit-objects.ts';
import {
  lastAppliedAnnotation,
  lastAppliedOf,
  noteOf,
  withLastApplied,
} from '../writes/last-applied.ts';

export interface ViewLastAppliedFlags extends ClusterFlags, SelectionFlags {
  readonly output: string;
}

/** Prints what objects were when they were last applied. */
export async function viewLastApplied(
  context: CommandContext,
  words: readonly string[],
  flags: ViewLastAppliedFlags,
): Promise<void> {
  const format = flags.output === 'json' || flags.output === 'yaml' ? flags.output : undefined;
  if (format === undefined) {
    throw new CommandError(
      `Unexpected -o output mode: ${flags.output}, the flag 'output' must be one of yaml|json`,
    );
  }
  const write = await documentFormat(format);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const visit = async (selected: SelectedObject): Promise<void> => {
    const object = lastAppliedOf(await latestOf(task, selected));
    if (object === undefined) {
      return await context.output.writeError(
        `Warning: no last-applied-configuration annotation found on resource: ${selected.name}; it was not made by apply\n`,
      );
    }
    await context.output.write(write?.(object) ?? '');
  };
  await visitObjects(task, words, { doing: 'reading', visit });
}

export interface SetLastAppliedFlags extends ClusterFlags, SelectionFlags, OutcomeFlags {
  readonly dryRun?: string | boolean;
  readonly createAnnotation?: boolean;
}

/** Notes in objects what files say of them, and changes nothing else. */
export async function setLastApplied(
  context: CommandContext,
  flags: SetLastAppliedFlags,
): Promise<void> {
  if (flags.filename === undefined && flags.kustomize === undefined) {
    throw new CommandError('must specify -f FILE, a folder, a URL, or - for the input');
  }
  const dryRun = readDryRun(flags.dryRun);
  const print = await outcomePrinter(context.output, flags, dryRun);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const visit = async (selected: SelectedObject): Promise<void> => {
    const { resource, name, object: written = {} } = selected;
    const place = placeOf(selected);
    const { signal } = context;
    const found = await client.get(resource, name, { ...place, signal });
    const last = lastAppliedOf(found);
    if (last === undefined && flags.createAnnotation !== true) {
      throw new CommandError(
        `no last-applied-configuration annotation found on resource: ${name}, to create the annotation, run the command with --create-annotation`,
      );
    }
    const note = withLastApplied(written).metadata?.annotations?.[lastAppliedAnnotation] ?? '';
    if (last !== undefined && noteOf(last) === note) {
      return await context.output.write(`set-last-applied ${name}: no changes required.\n`);
    }
    const patch = { merge: { metadata: { annotations: { [lastAppliedAnnotation]: note } } } };
    const options = { ...place, signal, ...(dryRun === 'server' ? { dryRun: true } : {}) };
    const object = dryRun === 'client' ? found : await client.patch(resource, name, patch, options);
    await print({ resource, object, operation: 'configured' });
  };
  await visitObjects(task, [], { doing: 'changing', visit });
}
