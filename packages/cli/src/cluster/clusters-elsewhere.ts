import { dirname, join, resolve } from 'node:path';
import { KubeconfigError, findKubeconfig, loadKubeconfig } from '@fairway/client/kubeconfig';
import type { CommandContext } from '../command-context.ts';
import { findRunningCluster } from './data-directory.ts';
import { markOf } from './shared-kubeconfig.ts';

/**
 * The data directories of clusters that run and that a user may have meant: those of the folders
 * above, and those that the kubeconfig in use names.
 */
export async function clustersElsewhere(
  { host, background }: Pick<CommandContext, 'host' | 'background'>,
  directory: string,
): Promise<readonly string[]> {
  const candidates = new Set([
    ...directoriesAbove(host.environment.workingDirectory),
    ...(await directoriesInKubeconfig(host)),
  ]);
  candidates.delete(directory);
  const running: string[] = [];
  for (const each of candidates) {
    if ((await findRunningCluster({ ...host, background }, each)) !== undefined) running.push(each);
  }
  return running;
}

function directoriesAbove(folder: string): readonly string[] {
  const here = join(resolve(folder), '.fairway');
  const above = dirname(resolve(folder));
  return above === folder ? [here] : [here, ...directoriesAbove(above)];
}

async function directoriesInKubeconfig(host: CommandContext['host']): Promise<readonly string[]> {
  try {
    const { clusters } = await loadKubeconfig(host.files, await findKubeconfig(host));
    return [...clusters.values()].flatMap(({ value }) => markOf(value)?.dataDirectory ?? []);
  } catch (error) {
    // It is only a hint.
    if (error instanceof KubeconfigError) return [];
    throw error;
  }
}
