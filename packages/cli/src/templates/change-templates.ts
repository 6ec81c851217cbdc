import type { Client, DynamicObject } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { type SelectedObject, placeOf, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { latestOf, visitObjects } from '../selection/visit-objects.ts';
import type { Writing } from '../writes/write-flags.ts';

/** What a `set` command changes, and of which objects. */
export interface ChangingTemplates {
  readonly context: CommandContext;
  readonly client: Client;
  readonly flags: ClusterFlags & SelectionFlags;
  readonly writing: Writing;
  /** `image updated` */
  readonly operation: string;
  /** A strategic merge of the object; undefined: it is so already. Errors: `CommandError`. */
  readonly patchOf: (
    selected: SelectedObject,
    object: DynamicObject,
  ) => Promise<object | undefined> | object | undefined;
}

/** Changes the objects that words, files and selectors mean; of what is so already nothing is said. */
export async function changeTemplates(
  { context, client, flags, writing, operation, patchOf }: ChangingTemplates,
  words: readonly string[],
): Promise<void> {
  const task = selecting(context, client, flags);
  await visitObjects(task, words, {
    doing: 'changing',
    visit: async (selected) => {
      const { resource, name } = selected;
      const found = await latestOf(task, selected);
      const strategic = await patchOf(selected, found);
      if (strategic === undefined) return;
      const options = { ...writing.options, ...placeOf(selected) };
      // Only the server knows how the lists of a kind merge.
      const isTried = writing.dryRun === 'client' ? { dryRun: true } : {};
      const change = { strategic };
      const object = await client.patch(resource, name, change, { ...options, ...isTried });
      await writing.print({ resource, object, operation });
    },
  });
}
