import type { CommandContext } from '../command-context.ts';
import type { Client } from '@fairway/client';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { type SelectedObject, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { collectObjects } from '../selection/visit-objects.ts';

/** Who asks for nodes, and by which flags. */
export interface SelectingNodes {
  readonly context: CommandContext;
  readonly client: Client;
  readonly flags: ClusterFlags & SelectionFlags;
  /** `drain` */
  readonly command: string;
}

/** The nodes that words and a selector mean; a word without a type is the name of a node. Errors: `CommandError`. */
export async function selectNodes(
  { context, client, flags, command }: SelectingNodes,
  words: readonly string[],
): Promise<readonly SelectedObject[]> {
  const hasSelector = (flags.selector ?? '') !== '';
  if (words.length === 0 && !hasSelector) throw new CommandError(`USAGE: ${command} NODE [flags]`);
  if (words.length > 0 && hasSelector) {
    throw new CommandError('cannot specify both a node name and a --selector option');
  }
  const named = words.map((word) => (word.includes('/') ? word : `node/${word}`));
  const task = selecting(context, client, flags);
  const selected = await collectObjects(task, hasSelector ? ['nodes'] : named);
  const other = selected.find(({ resource }) => resource.kind !== 'Node' || resource.group !== '');
  if (other === undefined) return selected;
  throw new CommandError(`cannot ${command} ${other.resource.plural}/${other.name}: only nodes`);
}
