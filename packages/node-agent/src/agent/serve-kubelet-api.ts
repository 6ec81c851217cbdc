import { formatKey } from '@fairway/reconcile';
import { type Listener, listen } from '@fairway/serving';
import { hardThresholds } from '../eviction/thresholds.ts';
import { logRotation } from '../container-logs/rotate-logs.ts';
import { kubeletAccess } from '../kubelet-api/kubelet-access.ts';
import { kubeletApi } from '../kubelet-api/kubelet-api.ts';
import type { NodePods } from '../kubelet-api/kubelet-parts.ts';
import { machineUsage } from '../node/machine-usage.ts';
import type { WantedPods } from '../pod-worker/wanted-pods.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import { openOnKeptPort } from './kept-port.ts';
import { nodeUser } from './node-api.ts';
import { type NodeAgentOptions, podsMax } from './node-agent-options.ts';

/** The API of an agent on a port of its own, until it is disposed of. */
export interface ServedKubeletApi extends AsyncDisposable, Pick<Listener, 'replaceTls'> {
  readonly port: number;
}

/** Errors: the system's, where the address or port is not to be had. */
export async function serveKubeletApi(
  options: NodeAgentOptions,
  { runtime, pods }: { readonly runtime: PodRuntime; readonly pods: WantedPods },
): Promise<ServedKubeletApi> {
  const { name, address, handlerFor, clock, random, logger, rootDirectory } = options;
  const known: NodePods = {
    find: (namespace, podName) => pods.get(formatKey({ namespace, name: podName })),
    all: () => pods.objects(),
  };
  const { handler, upgrade } = kubeletApi({
    ...kubeletAccess({ api: handlerFor(nodeUser(name)), clock }),
    nodeName: name,
    pods: known,
    runtime,
    nodeUsage: () => machineUsage(options, rootDirectory),
    configuration: () => kubeletConfiguration(options),
    problem: () => undefined,
    clock,
    random,
    logger,
  });
  const { port: wanted, tls } = options.serving;
  const open = async (port: number): Promise<ServedKubeletApi> => {
    const listener = await listen({
      host: address,
      port,
      tls: tls(),
      handler,
      upgradeHandler: upgrade,
      logger,
      clock,
    });
    return {
      port: portOf(listener),
      replaceTls: (renewed) => listener.replaceTls(renewed),
      [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
    };
  };
  return wanted === 0 ? await openOnKeptPort(options, open) : await open(wanted);
}

function portOf({ address }: Listener): number {
  if ('path' in address) throw new Error('a node agent listens on a port');
  return address.port;
}

/** Source: kubelet.config.k8s.io/v1beta1 KubeletConfiguration. */
function kubeletConfiguration({
  clusterDns,
  clusterDomain,
  manifests,
  evictionThresholds = hardThresholds,
}: NodeAgentOptions): object {
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    clusterDomain,
    clusterDNS: clusterDns,
    maxPods: podsMax,
    ...(manifests === undefined ? {} : { staticPodPath: manifests.directory }),
    evictionHard: Object.fromEntries(
      evictionThresholds.map(({ signal, least }) => [
        signal,
        'percent' in least ? `${least.percent}%` : String(least.amount),
      ]),
    ),
    containerLogMaxSize: `${logRotation.fileBytesMax / 1024 / 1024}Mi`,
    containerLogMaxFiles: logRotation.filesMax,
  };
}
