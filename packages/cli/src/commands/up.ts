import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { parseAuthorizationFlags } from '../cluster-access/authorization-flags.ts';
import { defaultKubeconfigPath } from '../cluster/kubeconfig-place.ts';
import { parseListenFlag } from '../cluster/listen-flag.ts';
import { remoteUrls } from '../cluster/server-names.ts';
import { parseServiceAccountFlags } from '../cluster-access/service-account-flags.ts';
import type { ClusterOptions } from '../cluster/start-cluster.ts';
import { startDetachedCluster } from '../cluster/start-detached-cluster.ts';
import { type UpFlags, defaultServiceRange } from '../cluster/up-flags.ts';
import { lineLogger } from '../output/line-logger.ts';
import { printNextSteps } from '../output/print-next-steps.ts';

/** Boots the embedded cluster: here until the user wants an end, or detached. */
export async function up(context: CommandContext, flags: UpFlags): Promise<void> {
  const { host, output } = context;
  const startedMs = host.clock.elapsed();
  const dataDirectory = resolve(host.environment.workingDirectory, flags.dataDir);
  const authorization = parseAuthorizationFlags(flags);
  const options: ClusterOptions = {
    dataDirectory,
    isInMemory: flags.memory === true,
    listen: parseListenFlag(flags.listen),
    extraNames: flags.tlsSan,
    serviceClusterIpRange: flags.serviceClusterIpRange,
    kubeconfig: kubeconfigPath(context, flags, dataDirectory),
    serviceAccounts: parseServiceAccountFlags(flags, host.environment.workingDirectory),
    ...(flags.controllers === undefined ? {} : { controllers: flags.controllers }),
    ...(authorization === undefined ? {} : { authorization }),
    authentication: flags,
  };
  if (flags.serviceClusterIpRange !== defaultServiceRange) {
    await checkServiceRange(flags.serviceClusterIpRange);
  }
  checkServerNames(flags.tlsSan);
  if (flags.controllers !== undefined) await checkControllers(flags.controllers);
  const isDetached = flags.detach === true;
  const sayReady = (running: { readonly url: string; readonly kubeconfig: string }) => {
    const elapsedMs = host.clock.elapsed() - startedMs;
    const others = remoteUrls(host.environment, options, Number(new URL(running.url).port || 443));
    return printNextSteps(context, { ...options, ...running, others, elapsedMs, isDetached });
  };
  // The server is loaded by the process that runs it.
  if (!isDetached) {
    const { runCluster } = await import('../cluster/run-cluster.ts');
    return runCluster(context, options, { logger: lineLogger(output, host.clock), sayReady });
  }
  const { kubeconfig } = options;
  await sayReady(
    await startDetachedCluster(context, { ...flags, dataDir: dataDirectory, kubeconfig }),
  );
}

async function checkServiceRange(range: string): Promise<void> {
  const { parseAddressRange } = await import('@fairway/apiserver');
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
