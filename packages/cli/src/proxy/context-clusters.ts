import { addressesOf } from '@fairway/client';
import { findKubeconfig, loadKubeconfig } from '@fairway/client/kubeconfig';
import type { DisposalStack } from '@fairway/host';
import type { ProxiedCluster, ProxiedClusters } from '@fairway/proxy';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { type ProxiedClusterFlags, openProxiedCluster } from './proxied-cluster.ts';

/** Flags that describe one cluster or one user, where there are several of both. */
const ofOneCluster = [
  'cluster',
  'user',
  'server',
  'token',
  'username',
  'password',
  'certificateAuthority',
  'clientCertificate',
  'clientKey',
  'tlsServerName',
  'insecureSkipTlsVerify',
] as const satisfies readonly (keyof ProxiedClusterFlags)[];

/**
 * The clusters of these contexts of the kubeconfig, or of all, each connected to with its first request, as whom the
 * flags say (`--as`), and closed with `opened`, which has to be held as long as they are asked.
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
        const { target, transport } = await openProxiedCluster(context, {
          ...flags,
          context: name,
        });
        opened.use(transport);
        return { servers: addressesOf(target), transport };
      };
      return [name, open];
    }),
  );
}

/** Refuses what `--clusters` cannot be used with. Errors: `CommandError` that names the flags. */
export function refuseFlagsOfOneCluster(flags: ProxiedClusterFlags): void {
  const given = ofOneCluster
    .filter((name) => flags[name] !== undefined)
    .map((name) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  if (given.length === 0) return;
  throw new CommandError(
    `cannot use --clusters with ${given.join(' ')}: each context has a cluster and a user of its own, and this would be for one; write it into the kubeconfig, or leave it out (--as is for all)`,
  );
}
