import { createDiscovery } from '@fairway/client';
import { apiVersionOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';

/** Shows the versions of all groups that the server has, those that do not answer now among them. */
export async function apiVersions(context: CommandContext, flags: ClusterFlags): Promise<void> {
  await using client = await openClient(context, flags);
  const { resources, unknown } = await createDiscovery(client).survey({ signal: context.signal });
  const versions = new Set([...resources, ...unknown].map(apiVersionOf));
  await context.output.write(
    [...versions]
      .sort()
      .map((version) => `${version}\n`)
      .join(''),
  );
}
