import {
  DisposalStack,
  type Environment,
  type Files,
  type Logger,
  type MachineFiles,
} from '@fairway/host';
import { Node, Pod, type Taint } from '@fairway/kinds/core/v1';
import type { UserInfo } from '@fairway/protocol';
import {
  type ComponentApi,
  type Informer,
  clientAs,
  createEventRecorder,
  createInformers,
  formatKey,
} from '@fairway/reconcile';
import { type Listener, type ServerTls, listen } from '@fairway/serving';
import { noCgroups, podCgroups } from '../cgroups/pod-cgroups.ts';
import { parseResolvConf } from '../container-config/pod-dns.ts';
import { logRotation, rotateLogs } from '../container-logs/rotate-logs.ts';
import { kubeletAccess } from '../kubelet-api/kubelet-access.ts';
import { kubeletApi } from '../kubelet-api/kubelet-api.ts';
import type { NodePods } from '../kubelet-api/kubelet-parts.ts';
import { machineUsage } from '../node/machine-usage.ts';
import { type Machine, readMachine } from '../node/machine.ts';
import { readyVerdict } from '../node/node-conditions.ts';
import { type NodeReport, nodeQuantities } from '../node/node-status.ts';
import { registerNode, speakForNode } from '../node/speak-for-node.ts';
import { followSources } from '../sources/follow-sources.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import { pauseImage } from '../containerd/pause-image.ts';
import { collectImages } from '../images/image-garbage.ts';
import { createImagePuller } from '../images/image-puller.ts';
import { podConfigs } from './pod-configs.ts';
import { endPods } from './end-pods.ts';
import { followNodePods } from '../pod-worker/follow-node-pods.ts';
import { podLogs } from '../pod-worker/pod-logs.ts';
import { WantedPods } from '../pod-worker/wanted-pods.ts';
import { Prober } from '../probes/prober.ts';
import type { ContainerMount } from '../runtime/container.ts';
import type { ImageStore } from '../runtime/image-store.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import { type PodManifests, followManifests } from '../static-pods/follow-manifests.ts';
import { keepMirrorPods } from '../static-pods/mirror-pods.ts';
import { StaticPods } from '../static-pods/static-pods.ts';
import { podVolumes } from '../volumes/pod-volumes.ts';

/** What runs the containers of a node, once it is known which addresses its pods get. Disposed of, it runs on. */
export interface NodeRuntime extends AsyncDisposable {
  readonly runtime: PodRuntime;
  readonly images: ImageStore;
  /** What containers of an image see of the machine beside what their pods say. */
  readonly mountsOf?: (image: string) => readonly ContainerMount[];
  /** Ends the runtime itself, and what of its pods it has lost; absent where it is not the agent's own. */
  end?(): Promise<void>;
}

export interface NodeAgentOptions extends ComponentApi {
  readonly logger: Logger;
  readonly files: Files;
  readonly machineFiles: MachineFiles;
  readonly environment: Environment;
  readonly name: string;
  /** Where the API server reaches this machine. */
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** For what pods have on this machine. */
  readonly rootDirectory: string;
  readonly logDirectory: string;
  /** The cgroup of all pods of this agent and of no other: `/fairway-1f2e`. */
  readonly cgroupRoot?: string;
  /** Ends with the agent what runs on it, as a machine that is shut down would. */
  readonly endsPods: boolean;
  /** Whose pods the node runs without being told by the API. */
  readonly manifests?: PodManifests;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** What can be done when an image cannot be had: `load it with …`. */
  readonly imageRemedy?: string;
  readonly openRuntime: (podCidrs: readonly string[]) => Promise<NodeRuntime>;
  /** By which the API server knows this agent, and by which its clients are known. */
  readonly serving: {
    readonly port: number;
    readonly tls: ServerTls;
  };
}

const podsMax = 110;

/**
 * Is a node of a cluster until the signal aborts: registers it, runs the pods that are bound to it, and answers
 * for their logs, commands and ports. Unless it is to end them, what runs then goes on without the agent, and the
 * next one takes it up.
 *
 * Errors: what the API and the runtime answer at the start.
 */
export async function runNodeAgent(options: NodeAgentOptions, signal: AbortSignal): Promise<void> {
  const ending = new AbortController();
  try {
    await runUntil(AbortSignal.any([signal, ending.signal]), options);
  } finally {
    // One that has failed follows nothing any more: another may be run in its place.
    ending.abort();
  }
}

async function runUntil(signal: AbortSignal, options: NodeAgentOptions): Promise<void> {
  const { name, address, logger, clock, random, files, machineFiles, rootDirectory } = options;
  const client = clientAs(options, nodeUser(name), 'kubelet/fairway');
  const recorder = createEventRecorder({
    client,
    component: 'kubelet',
    instance: name,
    signal,
    logger,
  });
  const informers = createInformers({ client, signal, logger });
  await files.makeDirectory(rootDirectory, { mode: 0o750 });
  const machine = await readMachine(options, rootDirectory);
  const { hostName, info } = machine;
  const { labels = {}, taints = [] } = options;
  const registration = { name, hostName, info, labels, taints };
  await registerNode({ client, registration });
  const nodes = informers.of(Node, { fieldSelector: `metadata.name=${name}` });
  const bound = informers.of(Pod, { allNamespaces: true, fieldSelector: `spec.nodeName=${name}` });
  const staticPods = new StaticPods();
  const pods = new WantedPods({ bound, staticPods, client });
  await using opened = new DisposalStack();
  const nodeRuntime = opened.use(await options.openRuntime([await podCidr(nodes, name)]));
  const { runtime, images, mountsOf } = nodeRuntime;
  const facts = await nodeFacts(options, machine);
  const { cgroupRoot: root } = options;
  const cgroups =
    root === undefined ? noCgroups : await podCgroups({ machine: machineFiles, files, root });
  const prober = new Prober({ runtime, clock, random });
  opened.defer(async () => prober[Symbol.dispose]());
  const sources = followSources({ client, informers, clock, logger, signal });
  const volumes = opened.use(
    podVolumes({
      machine: machineFiles,
      files,
      sourcesOf: (pod) => sources.of(pod),
      node: facts,
      memoryDirectory: `${rootDirectory}/memory`,
      clock,
      logger,
    }),
  );
  const listener = opened.use(await serveKubeletApi(options, { runtime, pods }));
  const speaker = speakForNode({
    client,
    informers,
    recorder,
    registration,
    report: () => report({ machine, runtime, images, address, port: portOf(listener) }),
    clock,
    random,
    logger,
  });
  await Promise.all([
    speaker.run({ signal }),
    followManifests(
      {
        manifests: options.manifests,
        staticPods,
        nodeName: name,
        files,
        machine: machineFiles,
        clock,
        logger,
      },
      signal,
    ),
    keepMirrorPods(
      { staticPods, pods: bound, node: () => nodes.get(name), client, clock, random, logger },
      signal,
    ),
    rotateLogs({ runtime, clock, logger }, logRotation, signal),
    collectImages(
      {
        runtime,
        store: images,
        sandboxImage: pauseImage,
        room: () => files.fileSystem(rootDirectory),
        record(event) {
          const node = nodes.get(name);
          if (node !== undefined) recorder.record(Node, node, event);
        },
        clock,
        logger,
      },
      signal,
    ),
    followNodePods(
      {
        nodeName: name,
        runtime,
        images: createImagePuller({
          store: images,
          sources: (pod) => sources.of(pod),
          clock,
          files,
          recordFile: `${rootDirectory}/pulled-images.json`,
          ...(options.imageRemedy === undefined ? {} : { remedy: options.imageRemedy }),
        }),
        volumes,
        cgroups,
        sources,
        logs: podLogs({ machine: machineFiles, files, node: facts }),
        configs: podConfigs({
          node: facts,
          sources,
          recorder,
          machine: machineFiles,
          files,
          clock,
          mountsOf,
        }),
        prober,
        pods,
        node: () => nodes.get(name),
        hostAddresses: () => [address],
        recorder,
        clock,
        random,
        logger,
      },
      signal,
    ),
  ]);
  if (options.endsPods) {
    try {
      await endPods({ runtime, volumes, cgroups, clock });
    } finally {
      await nodeRuntime.end?.();
    }
  }
  await recorder.flushed();
}

function nodeUser(name: string): UserInfo {
  return { username: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] };
}

/** The network that the node is given for its pods. */
async function podCidr(nodes: Informer<Node>, name: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const look = (): void => {
    const cidr = nodes.get(name)?.spec?.podCIDR;
    if (cidr !== undefined) resolve(cidr);
  };
  const following = nodes.subscribe(look);
  await nodes.synced;
  look();
  try {
    return await promise;
  } finally {
    following();
  }
}

async function nodeFacts(options: NodeAgentOptions, machine: Machine): Promise<NodeFacts> {
  const { files, rootDirectory, logDirectory, clusterDns, clusterDomain, cgroupRoot } = options;
  const quantities = nodeQuantities(machine, podsMax);
  return {
    name: options.name,
    addresses: [options.address],
    capacity: quantities,
    allocatable: quantities,
    rootDirectory,
    logDirectory,
    clusterDns,
    clusterDomain,
    ...(cgroupRoot === undefined ? {} : { cgroupRoot }),
    hostDns: parseResolvConf(textOf(await files.read('/etc/resolv.conf'))),
    hasAppArmor: textOf(await files.read('/sys/module/apparmor/parameters/enabled')).startsWith(
      'Y',
    ),
  };
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

/** What a node tells of itself now. */
async function report(of: {
  readonly machine: Machine;
  readonly runtime: PodRuntime;
  readonly images: ImageStore;
  readonly address: string;
  readonly port: number;
}): Promise<NodeReport> {
  const { machine, runtime, images, address, port } = of;
  const problem = await runtime.problem();
  const verdict = { isReady: false, reason: 'KubeletNotReady', message: problem ?? '' };
  const known = problem === undefined ? await images.list() : [];
  return {
    machine,
    address,
    port,
    podsMax,
    runtimeVersion: runtime.version,
    images: known.map(({ tags, digests, sizeBytes }) => ({
      names: [...digests, ...tags],
      sizeBytes,
    })),
    verdict: problem === undefined ? readyVerdict : verdict,
    pressures: [],
  };
}

/** The API of the agent, on a port of its own. */
async function serveKubeletApi(
  options: NodeAgentOptions,
  { runtime, pods }: { readonly runtime: PodRuntime; readonly pods: WantedPods },
): Promise<Listener> {
  const { name, address, handlerFor, files, clock, random, logger, rootDirectory } = options;
  const known: NodePods = {
    find: (namespace, podName) => pods.get(formatKey({ namespace, name: podName })),
    all: () => pods.objects(),
  };
  const { handler, upgrade } = kubeletApi({
    ...kubeletAccess({ api: handlerFor(nodeUser(name)), clock }),
    nodeName: name,
    pods: known,
    runtime,
    nodeUsage: () => machineUsage({ files, clock }, rootDirectory),
    configuration: () => kubeletConfiguration(options),
    problem: () => undefined,
    clock,
    random,
    logger,
  });
  return listen({
    host: address,
    ...options.serving,
    handler,
    upgradeHandler: upgrade,
    logger,
    clock,
  });
}

/** Source: kubelet.config.k8s.io/v1beta1 KubeletConfiguration. */
function kubeletConfiguration({ clusterDns, clusterDomain, manifests }: NodeAgentOptions): object {
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    clusterDomain,
    clusterDNS: clusterDns,
    maxPods: podsMax,
    ...(manifests === undefined ? {} : { staticPodPath: manifests.directory }),
    containerLogMaxSize: `${logRotation.fileBytesMax / 1024 / 1024}Mi`,
    containerLogMaxFiles: logRotation.filesMax,
  };
}

function portOf({ address }: Listener): number {
  if ('path' in address) throw new Error('a node agent listens on a port');
  return address.port;
}
