import { type ConnectedClient, connect } from '@fairway/client/connect';
import type { CommandContext } from '../command-context.ts';
import { productVersion } from '../product-version.ts';
import { type ClusterFlags, clusterOverrides } from './cluster-flags.ts';

/** Connects to the cluster that the flags, the kubeconfig or the pod name. */
export function openClient(
  { host, output }: Pick<CommandContext, 'host' | 'output'>,
  flags: ClusterFlags,
): Promise<ConnectedClient> {
  return connect({
    host,
    overrides: clusterOverrides(flags),
    userAgent: `fairway/${productVersion}`,
    onWarning: (text) => void output.writeError(`Warning: ${text}\n`),
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
  });
}
