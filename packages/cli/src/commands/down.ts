import { resolve } from 'node:path';
import { sleep } from '@fairway/host';
import { removeAbandonedEntries } from '../cluster/admin-kubeconfig.ts';
import { clustersElsewhere } from '../cluster/clusters-elsewhere.ts';
import {
  claimDataDirectory,
  findRunningCluster,
  recordedCluster,
} from '../cluster/data-directory.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { spellCommands } from '../command-spelling.ts';
import { quotedPath } from '../quoted-path.ts';

/** How often is looked whether it is gone. */
const lookEveryMs = 20;
/** A cluster that takes longer to stop has a problem of its own. */
const goneWithinMs = 30_000;

/**
 * Stops the cluster that runs on a data directory, and waits until it is gone. What one that was
 * killed left behind is taken away: its pods, and its entries in a kubeconfig. That none runs is what was wanted; a directory that
 * does not exist is a mistake, and other clusters are named but never stopped.
 *
 * Errors: `CommandError`.
 */
export async function down(
  context: CommandContext,
  flags: { readonly dataDir: string },
): Promise<void> {
  const { host, background, output, program, signal } = context;
  const directory = resolve(host.environment.workingDirectory, flags.dataDir);
  const seen = { ...host, background };
  const running = await findRunningCluster(seen, directory);
  if (running === undefined) {
    const hint = describeElsewhere(await clustersElsewhere({ host, background }, directory));
    if ((await host.files.stat(directory)) === undefined) {
      throw new CommandError(
        `there is no cluster in ${directory}, so nothing was stopped; ${hint === '' ? 'name its data directory with --data-dir' : hint}`,
      );
    }
    await output.write(`No cluster runs on ${directory}.\n`);
    if (hint !== '') await output.writeError(`${spellCommands(hint, program.command)}\n`);
    const gone = await recordedCluster(host.files, directory);
    if (gone !== undefined) await endNode(context, directory);
    const file = await removeAbandonedEntries(host, gone, directory);
    if (file !== undefined) await output.write(`Took its entries out of ${file}.\n`);
    return;
  }
  const { pid, identity } = running;
  background.signal(pid, 'SIGTERM');
  const deadlineMs = host.clock.elapsed() + goneWithinMs;
  while ((await background.identityOf(pid)) === identity) {
    if (host.clock.elapsed() > deadlineMs) {
      throw new CommandError(
        `the cluster on ${directory} did not stop within ${goneWithinMs / 1000} s; end it with \`kill -9 ${pid}\`, no data is lost`,
      );
    }
    await sleep(host.clock, lookEveryMs, signal);
  }
  await output.write(`Stopped the cluster on ${directory}.\n`);
}

/** Nobody has the directory meanwhile; once all is gone it is as if the cluster had ended in order. */
async function endNode(context: CommandContext, directory: string): Promise<void> {
  const { host, background, program, output } = context;
  const doors = { ...host, background };
  await using _claim = await claimDataDirectory(doors, directory, program.pid);
  const { endAbandonedNode } = await import('../local-node/end-abandoned-node.ts');
  const hasEnded = await endAbandonedNode(context, directory);
  if (hasEnded) await output.write('Ended the pods that it has left on this machine.\n');
}

function describeElsewhere(directories: readonly string[]): string {
  return directories
    .map((each) => `one runs on ${each}: \`fairway down --data-dir ${quotedPath(each)}\` stops it`)
    .join('; ');
}
