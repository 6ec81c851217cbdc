import { addressesOf } from '@fairway/client';
import { findKubeconfig, loadKubeconfig } from '@fairway/client/kubeconfig';
import type { DisposalStack } from '@fairway/host';
import type { ProxiedCluster, ProxiedClusters } from '@fairway/proxy';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { type ProxiedClusterFlags, openProxiedCluster } from './proxied-cluster.ts';

/**
 * The clusters of these contexts of the kubeconfig, or of all, each connected to with its first request and closed
 * with `opened`.
 *
 * Errors: `CommandError` for a context that there is not; `KubeconfigError`.
 */
export async function contextClusters(
  context: Pick<CommandContext, 'host' | 'output'>,
  flags: ProxiedClusterFlags & { readonly clusters: readonly string[] },
  opened: DisposalStack,
): Promise<ProxiedClusters> {
  const { host } = context;
  const config = await loadKubeconfig(host.files, await findKubeconfig(host, flags.kubeconfig));
  const known = [...config.contexts.keys()];
  const names = flags.clusters.includes('all') ? known : flags.clusters;
  const unknown = names.filter((name) => !config.contexts.has(name));
  if (unknown.length > 0) {
    throw new CommandError(
      `cannot use --clusters: no context is called ${unknown.map((name) => JSON.stringify(name)).join(', ')}; there are ${known.join(', ')}`,
    );
  }
  return new Map(
    names.map((name) => {
      const open = async (): Promise<ProxiedCluster> => {
        const { kubeconfig, appendServerPath } = flags;
        const { target, transport } = await openProxiedCluster(context, {
          context: name,
          ...(kubeconfig === undefined ? {} : { kubeconfig }),
          ...(appendServerPath === undefined ? {} : { appendServerPath }),
        });
        opened.use(transport);
        return { servers: addressesOf(target), transport };
      };
      return [name, open];
    }),
  );
}
