import type { Taint } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { truthOf } from '../flag-values.ts';
import { changedTaints, readTaintChange } from '../nodes/taint-change.ts';
import { selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { latestOf, visitObjects } from '../selection/visit-objects.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export interface TaintFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly overwrite?: string | boolean;
}

/** Sets and takes away taints of nodes. */
export async function taint(
  context: CommandContext,
  words: readonly string[],
  flags: TaintFlags,
): Promise<void> {
  const { resources, change } = readTaintChange(words);
  if (resources.length === 0) {
    throw new CommandError('one or more resources must be specified as <resource> <name>');
  }
  if (change.added.length + change.removed.length === 0) {
    throw new CommandError('at least one taint update is required');
  }
  const overwrites = truthOf('--overwrite', flags.overwrite) === true;
  const writing = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const isMixed = (change.added.length > 0 && change.removed.length > 0) || overwrites;
  const changed = change.added.length > 0 ? 'tainted' : 'untainted';
  await visitObjects(task, resources, {
    doing: 'tainting',
    visit: async (selected) => {
      const { resource, name } = selected;
      if (resource.kind !== 'Node' || resource.group !== '') {
        const type = resource.kind.toLowerCase();
        throw new CommandError(`invalid resource type ${type}, only node types are supported`);
      }
      const found = await latestOf(task, selected);
      const { spec = {} } = found as { spec?: { taints?: readonly Taint[] } };
      const taints = changedTaints(change, spec.taints ?? [], { name, overwrites });
      const object =
        writing.dryRun === 'client'
          ? { ...found, spec: { ...spec, taints } }
          : await client.patch(
              resource,
              name,
              // Whoever changed the taints meanwhile is not undone.
              { merge: { metadata: versionOf(found), spec: { taints } } },
              writing.options,
            );
      await writing.print({ resource, object, operation: isMixed ? 'modified' : changed });
    },
  });
}

function versionOf({ metadata }: { readonly metadata?: { readonly resourceVersion?: string } }): {
  readonly resourceVersion?: string;
} {
  const { resourceVersion } = metadata ?? {};
  return resourceVersion === undefined ? {} : { resourceVersion };
}
