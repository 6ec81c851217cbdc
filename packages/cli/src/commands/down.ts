import { resolve } from 'node:path';
import { sleep } from '@fairway/host';
import { removeAbandonedEntries } from '../cluster/admin-kubeconfig.ts';
import { findRunningCluster, recordedCluster } from '../cluster/data-directory.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';

/** How often is looked whether it is gone. */
const lookEveryMs = 20;
/** A cluster that takes longer to stop has a problem of its own. */
const goneWithinMs = 30_000;

/**
 * Stops the cluster that runs on a data directory, and waits until it is gone. What one that was
 * killed left behind in a kubeconfig is taken out.
 */
export async function down(
  { host, background, output, signal }: CommandContext,
  flags: { readonly dataDir: string },
): Promise<void> {
  const directory = resolve(host.environment.workingDirectory, flags.dataDir);
  const seen = { ...host, background };
  const running = await findRunningCluster(seen, directory);
  if (running === undefined) {
    await output.write(`No cluster runs on ${directory}.\n`);
    const gone = await recordedCluster(host.files, directory);
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
