import { join } from 'node:path';
import { KubeconfigError } from '@fairway/client';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { quotedPath } from '../quoted-path.ts';
import { productVersion } from '../product-version.ts';
import { type ClusterFlags, clusterOverrides, serversOf } from './cluster-flags.ts';

/**
 * Connects to the cluster that the flags, the kubeconfig or the pod name.
 *
 * Errors: `KubeconfigError`; `CommandError` when only the kubeconfig of `fairway up` would do.
 */
export async function openClient(
  { host, output }: Pick<CommandContext, 'host' | 'output'>,
  flags: ClusterFlags,
): Promise<ConnectedClient> {
  const [, ...servers] = serversOf(flags);
  try {
    return await connect({
      host,
      ...(servers.length === 0 ? {} : { servers }),
      overrides: clusterOverrides(flags),
      userAgent: `fairway/${productVersion}`,
      onWarning: (text) => void output.writeError(`Warning: ${text}\n`),
      ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
    });
  } catch (error) {
    if (!(error instanceof KubeconfigError) || error.problem !== 'absent') throw error;
    const local = join(host.environment.workingDirectory, '.fairway', 'kubeconfig');
    if ((await host.files.stat(local)) === undefined) throw error;
    const absent = error.issues.map(({ file, detail }) => `${file}: ${detail}`).join(', ');
    const cause = absent === '' ? '' : ` (KUBECONFIG names ${absent})`;
    throw new CommandError(
      `no cluster is configured${cause}; for the one of this folder: export KUBECONFIG=${quotedPath(local)}`,
      { cause: error },
    );
  }
}
