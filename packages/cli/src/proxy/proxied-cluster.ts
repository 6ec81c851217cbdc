import { buildTransport, type Transport } from '@fairway/client/connect';
import { type ClusterTarget, addressesOf } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { productVersion } from '../product-version.ts';
import { podTarget } from './pod-target.ts';

export interface ProxiedClusterFlags extends ClusterFlags {
  readonly appendServerPath?: boolean;
  /** The cluster of the pod that this runs in, and no kubeconfig. */
  readonly isInCluster?: boolean;
}

/** A cluster that a proxy leads to, and as whom. */
export interface OpenedCluster {
  readonly target: ClusterTarget;
  readonly transport: Transport;
}

/** Of several API servers, each is asked so often whether it is ready. */
const healthCheckMs = 10_000;
/** Connections to the cluster for requests that end soon; more of them go over HTTP/2. */
const connectionsMax = 256;
/** Of these, so many are kept when they have nothing to do. */
const idleConnectionsMax = 128;

/** Finds the cluster that the flags name, and connects with the first request. Errors: `KubeconfigError`. */
export async function openProxiedCluster(
  context: Pick<CommandContext, 'host' | 'output'>,
  flags: ProxiedClusterFlags,
): Promise<OpenedCluster> {
  const { host } = context;
  const target = await proxiedTarget(context, flags);
  const transport = buildTransport(target, {
    clock: host.clock,
    random: host.random,
    variables: host.environment.variables,
    isRetryWanted: false,
    isHttp2ForWatchesOnly: true,
    healthCheckMs,
    limits: { connectionsMax, idleConnectionsMax },
    userAgent: `fairway/${productVersion}`,
  });
  return { target, transport };
}

async function proxiedTarget(
  { host, output }: Pick<CommandContext, 'host' | 'output'>,
  flags: ProxiedClusterFlags,
): Promise<ClusterTarget> {
  const target = await foundTarget({ host, output }, flags);
  // Nothing is compressed or decompressed on the way: callers get the encoding that they asked for.
  const plain = { ...target, disableCompression: true };
  const { origin, pathname } = new URL(target.server);
  if (pathname === '/' || flags.appendServerPath === true) return plain;
  await output.writeError(
    `Warning: the server has a path (${pathname}), which is left out; use --append-server-path to put it before each request\n`,
  );
  const servers = addressesOf(target).map((address) => new URL(address).origin);
  return { ...plain, server: origin, servers };
}

async function foundTarget(
  context: Pick<CommandContext, 'host' | 'output'>,
  flags: ProxiedClusterFlags,
): Promise<ClusterTarget> {
  if (flags.isInCluster === true) return podTarget(context.host);
  const { openClient } = await import('../connection/open-client.ts');
  await using client = await openClient(context, flags);
  return client.target;
}
