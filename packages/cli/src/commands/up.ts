import { flushCompileCache } from 'node:module';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseAddressRange } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { parseAuthorizationModes } from '../cluster/authorization-flags.ts';
import { defaultKubeconfigPath } from '../cluster/kubeconfig-place.ts';
import { parseListenFlag } from '../cluster/listen-flag.ts';
import { remoteUrls } from '../cluster/server-names.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../cluster/start-cluster.ts';
import { startDetachedCluster } from '../cluster/start-detached-cluster.ts';
import { withStoreRemedy } from '../cluster/store-remedy.ts';
import { takeDataDirectory } from '../cluster/take-data-directory.ts';
import type { UpFlags } from '../cluster/up-flags.ts';
import { lineLogger } from '../output/line-logger.ts';
import { printNextSteps } from '../output/print-next-steps.ts';
import { withListenRemedy } from '../listen-remedy.ts';
import { untilAborted } from '../until-aborted.ts';

/** How long requests may go on after somebody asked for an end. */
const graceMs = 2_000;

/** Boots the embedded cluster: here until the user wants an end, or detached. */
export async function up(context: CommandContext, flags: UpFlags): Promise<void> {
  const { host } = context;
  const startedMs = host.clock.elapsed();
  const dataDirectory = resolve(host.environment.workingDirectory, flags.dataDir);
  const options: ClusterOptions = {
    dataDirectory,
    isInMemory: flags.memory === true,
    listen: parseListenFlag(flags.listen),
    extraNames: flags.tlsSan,
    serviceClusterIpRange: flags.serviceClusterIpRange,
    kubeconfig: kubeconfigPath(context, flags, dataDirectory),
    ...(flags.controllers === undefined ? {} : { controllers: flags.controllers }),
    ...(flags.authorizationMode === undefined
      ? {}
      : { authorizationModes: parseAuthorizationModes(flags.authorizationMode) }),
    authentication: flags,
  };
  checkServiceRange(flags.serviceClusterIpRange);
  checkServerNames(flags.tlsSan);
  if (flags.controllers !== undefined) await checkControllers(flags.controllers);
  const isDetached = flags.detach === true;
  const sayReady = (running: { readonly url: string; readonly kubeconfig: string }) => {
    const elapsedMs = host.clock.elapsed() - startedMs;
    const others = remoteUrls(host.environment, options, Number(new URL(running.url).port || 443));
    return printNextSteps(context, { ...options, ...running, others, elapsedMs, isDetached });
  };
  if (!isDetached) return runHere(context, options, sayReady);
  const { kubeconfig } = options;
  await sayReady(
    await startDetachedCluster(context, { ...flags, dataDir: dataDirectory, kubeconfig }),
  );
}

async function runHere(
  context: CommandContext,
  options: ClusterOptions,
  sayReady: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const { host, output, signal } = context;
  await using claim = await takeDataDirectory(context, options);
  await using cluster = await start({ ...host, logger: lineLogger(output, host.clock) }, options);
  await claim.announce(cluster);
  await sayReady(cluster);
  await keepCompiledCode();
  await untilAborted(signal);
  await output.writeError('Stopping …\n');
  await cluster.stop({ graceMs });
}

/**
 * Node.js keeps what it has compiled when a process ends by itself only; after a kill the next start
 * would be as slow as the first.
 */
async function keepCompiledCode(): Promise<void> {
  // What a start loads last: with it, all that the next start needs has been compiled.
  await import('@fairway/controllers');
  flushCompileCache();
}

async function start(host: Host, options: ClusterOptions): Promise<Cluster> {
  try {
    return await startCluster(host, options);
  } catch (error) {
    const { host: listenHost } = options.listen;
    const shown = listenHost.includes(':') ? `[${listenHost}]` : listenHost;
    throw withListenRemedy(withStoreRemedy(error, options.dataDirectory), `--listen ${shown}:0`);
  }
}

function checkServiceRange(range: string): void {
  try {
    parseAddressRange(range);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CommandError(`cannot use --service-cluster-ip-range: ${cause.message}`, { cause });
  }
}

async function checkControllers(list: readonly string[]): Promise<void> {
  const { allControllers, selectControllers } = await import('@fairway/controllers');
  try {
    selectControllers(allControllers, list);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CommandError(`cannot use --controllers: ${cause.message}`, { cause });
  }
}

function checkServerNames(names: readonly string[]): void {
  for (const name of names) {
    const isName = isIP(name) !== 0 || /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(name);
    if (!isName) {
      throw new CommandError(
        `cannot use --tls-san ${JSON.stringify(name)}: it is neither a DNS name nor an IP address`,
      );
    }
  }
}

function kubeconfigPath({ host }: CommandContext, flags: UpFlags, dataDirectory: string): string {
  if (flags.kubeconfig === undefined) return defaultKubeconfigPath(dataDirectory);
  return resolve(host.environment.workingDirectory, flags.kubeconfig);
}
