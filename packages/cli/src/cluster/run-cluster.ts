import { flushCompileCache } from 'node:module';
import { type Host, type Logger, untilAborted } from '@fairway/host';
import { hostPort } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { withListenRemedy } from '../listen-remedy.ts';
import { collectAtRest } from './collect-at-rest.ts';
import { type Cluster, type ClusterOptions, startCluster } from './start-cluster.ts';
import { withStoreRemedy } from './store-remedy.ts';
import { takeDataDirectory } from './take-data-directory.ts';

/** How long requests may go on after somebody asked for an end. */
const graceMs = 2_000;

/** How the user hears of a cluster. */
interface Telling {
  readonly logger: Logger;
  readonly sayReady: (cluster: Cluster) => Promise<void>;
}

/** Runs a cluster in this process until the user wants an end. Errors: as `startCluster`. */
export async function runCluster(
  context: CommandContext,
  options: ClusterOptions,
  { logger, sayReady }: Telling,
): Promise<void> {
  const { host, output, memory, signal } = context;
  await using claim = await takeDataDirectory(context, options);
  await using cluster = await start({ ...host, logger }, options);
  await claim.announce(cluster);
  await sayReady(cluster);
  await keepCompiledCode();
  await Promise.all([untilAborted(signal), collectAtRest(memory, { clock: host.clock, signal })]);
  await output.writeError('Stopping …\n');
  await cluster.stop({ graceMs });
}

/**
 * Node.js keeps what it has compiled when a process ends by itself only; after a kill the next start
 * would be as slow as the first.
 */
async function keepCompiledCode(): Promise<void> {
  // What a start loads last: with these, all that the next start needs has been compiled.
  await import('@fairway/controllers');
  await import('@fairway/scheduler');
  flushCompileCache();
}

async function start(host: Host, options: ClusterOptions): Promise<Cluster> {
  try {
    return await startCluster(host, options);
  } catch (error) {
    const remedy = `--listen ${hostPort(options.listen.host, 0)}`;
    throw withListenRemedy(withStoreRemedy(error, options.dataDirectory), remedy);
  }
}
