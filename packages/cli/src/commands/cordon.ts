import type { CommandContext } from '../command-context.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { cordonNode } from '../nodes/cordon-node.ts';
import { selectNodes } from '../nodes/select-nodes.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { throwAll, visitEach } from '../selection/visit-objects.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export type CordonFlags = ClusterFlags & SelectionFlags & WriteFlags;

/** Says of nodes whether they take more pods. */
export async function cordon(
  context: CommandContext,
  {
    command,
    words,
  }: { readonly command: 'cordon' | 'uncordon'; readonly words: readonly string[] },
  flags: CordonFlags,
): Promise<void> {
  const { dryRun, print } = await readWriting(context, flags);
  await using client = await openClient(context, flags);
  const nodes = await selectNodes({ context, client, flags, command }, words);
  const failures: unknown[] = [];
  const { signal } = context;
  await visitEach(nodes, {
    doing: 'changing',
    visit: (node) => cordonNode({ context, client, dryRun, print }, node, command === 'cordon'),
    failures,
    signal,
  });
  throwAll(failures);
}
