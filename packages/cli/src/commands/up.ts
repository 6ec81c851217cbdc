import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { parseAddressRange } from '@fairway/apiserver';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { claimDataDirectory } from '../cluster/data-directory.ts';
import { parseListenFlag } from '../cluster/listen-flag.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { startDetachedCluster } from '../cluster/start-detached-cluster.ts';
import type { UpFlags } from '../cluster/up-flags.ts';
import { lineLogger } from '../output/line-logger.ts';
import { printNextSteps } from '../output/print-next-steps.ts';
import { untilAborted } from '../until-aborted.ts';

/** How long requests may go on after somebody asked for an end. */
const graceMs = 2_000;

/** Boots the embedded cluster: here until the user wants an end, or detached. */
export async function up(context: CommandContext, flags: UpFlags): Promise<void> {
  const { host, output, program, signal } = context;
  const startedMs = host.clock.elapsed();
  const dataDirectory = resolve(host.environment.workingDirectory, flags.dataDir);
  const kubeconfig = kubeconfigPath(context, flags, dataDirectory);
  const listen = parseListenFlag(flags.listen);
  checkServiceRange(flags.serviceClusterIpRange);
  checkServerNames(flags.tlsSan);
  if (flags.detach === true) {
    const running = await startDetachedCluster(context, { ...flags, dataDir: dataDirectory });
    const elapsedMs = host.clock.elapsed() - startedMs;
    return printNextSteps(context, { ...running, dataDirectory, elapsedMs, isDetached: true });
  }
  await using claim = await claimDataDirectory({ ...host, ...context }, dataDirectory, program.pid);
  await host.files.makeDirectory(dirname(kubeconfig));
  await using cluster = await startCluster(
    { ...host, logger: lineLogger(output, host.clock) },
    {
      dataDirectory,
      isInMemory: flags.memory === true,
      listen,
      extraNames: flags.tlsSan,
      serviceClusterIpRange: flags.serviceClusterIpRange,
      kubeconfig,
    },
  );
  const { url } = cluster;
  await claim.announce({ url, kubeconfig });
  const elapsedMs = host.clock.elapsed() - startedMs;
  await printNextSteps(context, {
    url,
    kubeconfig,
    dataDirectory,
    elapsedMs,
    isDetached: false,
    isInMemory: flags.memory === true,
  });
  await untilAborted(signal);
  await output.writeError('Stopping …\n');
  await cluster.stop({ graceMs });
}

function checkServiceRange(range: string): void {
  try {
    parseAddressRange(range);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CommandError(`cannot use --service-cluster-ip-range: ${cause.message}`, { cause });
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
  if (flags.kubeconfig === undefined) return join(dataDirectory, 'kubeconfig');
  return resolve(host.environment.workingDirectory, flags.kubeconfig);
}
