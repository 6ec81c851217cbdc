import type { DynamicObject } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import {
  type SelectedObject,
  type Selecting,
  placeOf,
  selecting,
} from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { visitObjects } from '../selection/visit-objects.ts';
import { deleteBeforeAnew } from '../writes/delete-before-anew.ts';
import { withLastApplied } from '../writes/last-applied.ts';
import { type WriteFlags, type Writing, readWriting } from '../writes/write-flags.ts';

export interface ReplaceFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly force?: boolean;
  readonly saveConfig?: boolean;
  readonly subresource?: string;
}

/** Puts what files hold in the place of what is there. */
export async function replace(
  context: CommandContext,
  words: readonly string[],
  flags: ReplaceFlags,
): Promise<void> {
  if (words.length > 0 || (flags.filename === undefined && flags.kustomize === undefined)) {
    throw new CommandError('must specify -f FILE, a folder, a URL, or - for the input');
  }
  const { subresource = '', force = false } = flags;
  if (force && subresource !== '') {
    throw new CommandError('--force cannot be used with --subresource: a part cannot be deleted');
  }
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const visit = async (selected: SelectedObject): Promise<void> => {
    if (selected.name === '') throw new CommandError('resource name may not be empty');
    const written = selected.object ?? {};
    const object = flags.saveConfig === true ? withLastApplied(written) : written;
    const made = await replaceOne({ task, writing, flags }, selected, object);
    await writing.print({ resource: selected.resource, object: made, operation: 'replaced' });
  };
  const count = await visitObjects(task, [], { doing: 'replacing', visit });
  if (count === 0) throw new CommandError('no objects passed to replace');
}

async function replaceOne(
  {
    task,
    writing,
    flags,
  }: { readonly task: Selecting; readonly writing: Writing; readonly flags: ReplaceFlags },
  selected: SelectedObject,
  object: DynamicObject,
): Promise<DynamicObject> {
  const { client } = task;
  const { resource, name } = selected;
  const place = placeOf(selected);
  const options = { ...writing.options, ...place };
  const { subresource = '', force } = flags;
  if (writing.dryRun === 'client') return object;
  if (force === true) {
    await deleteBeforeAnew(task, selected, writing.dryRun);
    const { resourceVersion: _, ...metadata } = object.metadata ?? {};
    if (writing.dryRun === 'server') return object;
    return await client.create(resource, { ...object, metadata }, options);
  }
  if (subresource === '') return await client.replace(resource, object, options);
  const part = client.subresource<DynamicObject>(resource, name, subresource, place);
  return await part.replace(object, writing.options);
}
