import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { removeAbandonedEntries } from './admin-kubeconfig.ts';
import {
  type DataDirectoryClaim,
  type RunningCluster,
  claimDataDirectory,
} from './data-directory.ts';
import { defaultKubeconfigPath } from './kubeconfig-place.ts';

/**
 * Claims a data directory for this process, and cleans up after a cluster that was killed on it.
 *
 * Errors: `CommandError` when another process has it, or when it cannot be used.
 */
export async function takeDataDirectory(
  context: CommandContext,
  { dataDirectory, kubeconfig }: { readonly dataDirectory: string; readonly kubeconfig: string },
): Promise<DataDirectoryClaim> {
  const { host, background, program } = context;
  const claim = await claimDataDirectory({ ...host, background }, dataDirectory, program.pid);
  const { abandonedBy } = claim;
  if (abandonedBy !== undefined) {
    // Nobody else changes the file in the data directory while a cluster starts on it.
    await host.files.remove(`${defaultKubeconfigPath(dataDirectory)}.lock`);
    if (abandonedBy.kubeconfig !== kubeconfig) {
      await removeEntries(context, abandonedBy, dataDirectory);
    }
  }
  return claim;
}

// The file of an earlier cluster must not keep this one from starting.
async function removeEntries(
  { host, output }: CommandContext,
  gone: RunningCluster,
  dataDirectory: string,
): Promise<void> {
  try {
    await removeAbandonedEntries(host, gone, dataDirectory);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    await output.writeError(`warning: entries of a cluster that is gone stay: ${error.message}\n`);
  }
}
