import type { DynamicObject } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { type SelectedObject, placeOf, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { visitObjects } from '../selection/visit-objects.ts';
import { withLastApplied } from '../writes/last-applied.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export interface CreateFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly saveConfig?: boolean;
}

/** Makes the objects that files hold. */
export async function create(
  context: CommandContext,
  words: readonly string[],
  flags: CreateFlags,
): Promise<void> {
  const [word] = words;
  if (word !== undefined) {
    throw new CommandError(
      `there is no \`fairway create ${word}\`; for what there is see \`fairway create --help\`, and for all else: \`fairway create -f FILE\``,
    );
  }
  if (flags.filename === undefined && flags.kustomize === undefined) {
    throw new CommandError(
      'must specify -f; for what else can be made see `fairway create --help`',
    );
  }
  const { dryRun, options, print } = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const visit = async (selected: SelectedObject): Promise<void> => {
    const { resource, object: given } = selected;
    const written = given as DynamicObject;
    const object = flags.saveConfig === true ? withLastApplied(written) : written;
    const made =
      dryRun === 'client'
        ? object
        : await client.create(resource, object, { ...options, ...placeOf(selected) });
    await print({ resource, object: made, operation: 'created' });
  };
  const count = await visitObjects(selecting(context, client, flags), [], {
    doing: 'creating',
    visit,
  });
  if (count === 0) throw new CommandError('no objects passed to create');
}
