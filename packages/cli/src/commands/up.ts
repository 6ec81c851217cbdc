import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { attempt } from '../flag-values.ts';
import { defaultKubeconfigPath } from '../cluster/kubeconfig-place.ts';
import { parseListenFlag } from '../cluster/listen-flag.ts';
import { remoteUrls } from '../cluster/server-names.ts';
import type { ServedApiOptions } from '../cluster/serve-api.ts';
import { readKubeApiserverFlags } from '../cluster/kube-apiserver-flags.ts';
import type { ClusterOptions } from '../cluster/start-cluster.ts';
import { startDetachedCluster } from '../cluster/start-detached-cluster.ts';
import type { UpFlags } from '../cluster/up-flags.ts';
import type { ReadyCluster } from '../cluster/data-directory.ts';
import { readNodeFlags } from '../local-node/node-flags.ts';
import { readIngressFlags } from '../cluster/ingress-flags.ts';
import { readPodNetworks } from '../cluster/pod-networks.ts';
import { readManifests } from '../selection/read-manifests.ts';
import type { SimulatedNodes } from '../cluster/start-simulated-nodes.ts';
import { lineLogger } from '../output/line-logger.ts';
import { listenPlace, servingFilesOf } from '../server-flags/serving-flags.ts';
import { printNextSteps } from '../output/print-next-steps.ts';

/** Boots the embedded cluster: here until the user wants an end, or detached. */
export async function up(context: CommandContext, flags: UpFlags): Promise<void> {
  const { host, output } = context;
  const startedMs = host.clock.elapsed();
  const dataDirectory = resolve(host.environment.workingDirectory, flags.dataDir);
  const served = await readServed(context, flags);
  const servingFiles = servingFilesOf(flags, host.environment.workingDirectory);
  const node = readNodeFlags(context, flags);
  const ingress = readIngressFlags(flags);
  const simulatedNodes = await parseSimulatedNodes(context, flags);
  const options: ClusterOptions = {
    ...served,
    dataDirectory,
    isInMemory: flags.memory === true,
    listen: placeOf(flags),
    ...(servingFiles === undefined ? {} : { servingFiles }),
    extraNames: flags.tlsSan,
    kubeconfig: kubeconfigPath(context, flags, dataDirectory),
    hasScheduler: flags.scheduler !== false,
    controllers: withJoining(flags.controllers),
    podNetworks: readPodNetworks(flags),
    ...(node === undefined ? {} : { node }),
    ...(ingress === undefined ? {} : { ingress }),
    ...(simulatedNodes === undefined ? {} : { simulatedNodes }),
  };
  checkServerNames(flags.tlsSan);
  if (flags.controllers !== undefined) await checkControllers(flags.controllers);
  const isDetached = flags.detach === true;
  const sayReady = (running: ReadyCluster) => {
    const elapsedMs = host.clock.elapsed() - startedMs;
    const others = remoteUrls(host.environment, options, running.url);
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

/** A cluster of kubeadm has privileged containers and restricts nodes, too. */
const upDefaults = { allowsPrivileged: true, disabledAdmissionPlugins: [] };

async function readServed(
  { host, output }: CommandContext,
  flags: UpFlags,
): Promise<Omit<ServedApiOptions, 'listen'>> {
  if (flags.etcdServers !== undefined) {
    const why = 'a store over etcd is not built (docs/gaps.md); leave it out';
    throw new CommandError(`cannot use --etcd-servers: objects lie in the data directory, ${why}`);
  }
  const { workingDirectory } = host.environment;
  const { warnings, ...served } = await readKubeApiserverFlags(flags, workingDirectory, upDefaults);
  for (const each of warnings) await output.writeError(`warning: ${each}\n`);
  // A cluster of kubeadm lets nodes join, too.
  const authentication = { ...served.authentication, enableBootstrapTokenAuth: true };
  return { ...served, authentication };
}

function placeOf(flags: UpFlags): { readonly host: string; readonly port: number } {
  const { bindAddress, securePort, listen = '127.0.0.1:6443' } = flags;
  if (bindAddress === undefined && securePort === undefined) return parseListenFlag(listen);
  if (flags.listen === undefined) {
    return listenPlace(flags, { ...parseListenFlag(listen), allowsAnyPort: true });
  }
  const why = 'leave one of them out';
  throw new CommandError(`--listen and --bind-address or --secure-port say the same; ${why}`);
}

/** A cluster of kubeadm has these, too, which `*` leaves out. */
const joiningControllers = ['bootstrap-signer-controller', 'token-cleaner-controller'];

function withJoining(list: readonly string[] = ['*']): readonly string[] {
  return list.includes('*') ? [...list, ...joiningControllers] : list;
}

async function checkControllers(list: readonly string[]): Promise<void> {
  const { allControllers, selectControllers } = await import('@fairway/controllers');
  attempt('--controllers', () => selectControllers(allControllers, list));
}

async function parseSimulatedNodes(
  context: CommandContext,
  { node, stages: file, ...flags }: UpFlags,
): Promise<SimulatedNodes | undefined> {
  const number = flags.simulatedNodes ?? (node === 'simulated' ? '1' : undefined);
  if (number === undefined) {
    if (file === undefined) return undefined;
    throw new CommandError('cannot use --stages without --simulated-nodes: nobody would play them');
  }
  const { checkNodeCount, parseStages, StageError } = await import('@fairway/node-agent');
  const count = /^\d+$/.test(number) ? Number(number) : Number.NaN;
  const shown = Number.isNaN(count) ? JSON.stringify(number) : number;
  attempt('--simulated-nodes', () => checkNodeCount(count, shown));
  if (file === undefined) return { count };
  const objects = [];
  const files = readManifests(context, { filename: [file] });
  for await (const { object } of files) objects.push(object);
  try {
    return { count, stages: parseStages(objects) };
  } catch (cause) {
    if (!(cause instanceof StageError)) throw cause;
    throw new CommandError(`cannot use --stages ${file}: ${cause.message}`, { cause });
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
