import { resolve } from 'node:path';
import type { ApiServer } from '@fairway/apiserver';
import type { LoadBalancerAddresses } from '@fairway/controllers';
import type { Host, MachineFiles } from '@fairway/host';
import type { StartingPods } from '@fairway/network';
import type {
  AgentServing,
  EvictionThreshold,
  NodeRuntime,
  PodManifests,
} from '@fairway/node-agent';
import { type Informers, keepRunning } from '@fairway/reconcile';
import { parseManifests } from '../parse-manifests.ts';
import { clusterDomain } from './cluster-configuration.ts';
import { type LocalNodePlace, nodeTraces } from './local-node-place.ts';
import { type BalancedPods, namesDoor, startEntrances } from './start-entrances.ts';
import { namesAddress, startNames } from './start-names.ts';
import { endNetwork, startNetwork } from './start-network.ts';

/** The cluster that a node is of, once its API answers. */
export interface ServedCluster {
  readonly apiServer: Pick<ApiServer, 'handlerFor'>;
  /** Shared with others of this process. */
  readonly informers: Promise<Informers>;
  /** Of the API server, for users of this machine. */
  readonly url: string;
  /** Whether it runs in this process: then its DNS is here, for all its nodes. */
  readonly isOwn: boolean;
  /** By which the API server knows the agent of the node. */
  readonly serving: (node: Pick<RunningNode, 'name' | 'address'>) => Promise<AgentServing>;
}

/** A node on this machine. */
export interface RunningNode {
  readonly name: string;
  readonly address: string;
  readonly place: LocalNodePlace;
  readonly machineFiles: MachineFiles;
  /** With the manifests of static pods. */
  readonly manifestDirectory?: string;
  /** Below which pods are evicted; those of a kubelet when absent. */
  readonly evictionThresholds?: readonly EvictionThreshold[];
  /** Around the cgroups of its pods; absent: nothing limits them. */
  readonly cgroupRoot?: string;
  /** Whether the machine can have rules for services; absent: none are wanted, and only `processNetwork` leads to them. */
  readonly hasServiceRules?: boolean;
  /** Whose program is the addresses of services, in place of rules. */
  readonly processNetwork?: BalancedPods;
  readonly loadBalancers: LoadBalancerAddresses;
  /** What helps when an image is not to be had, where the runtime does not say it. */
  readonly imageRemedy?: string;
  readonly openRuntime: (
    podCidrs: readonly string[],
    cluster: ServedCluster,
  ) => Promise<NodeRuntime>;
}

/** Is a node of the cluster, its service network and its DNS, until the signal aborts; what runs then is ended. */
export async function runLocalNode(
  host: Host,
  node: RunningNode,
  cluster: ServedCluster,
  signal: AbortSignal,
): Promise<void> {
  const { hasServiceRules = false } = node;
  const starting = hasServiceRules ? await startingPods(host) : undefined;
  try {
    await Promise.all([
      runAgent(host, { ...node, starting }, cluster, signal),
      runServices(host, { ...node, starting }, cluster, signal),
      runNames(host, node, cluster, signal),
    ]);
  } finally {
    const { podCidr: clusterCidr, dataDirectory } = node.place;
    const { tableName } = nodeTraces(dataDirectory);
    if (hasServiceRules) await endNetwork(host, { tableName, clusterCidr });
  }
}

async function startingPods({ clock }: Host): Promise<StartingPods> {
  const { StartingPods: Pods } = await import('@fairway/network');
  return new Pods({ clock });
}

/** Undefined: the machine can have no rules, and nobody holds policies for them. */
interface WithStartingPods {
  readonly starting: StartingPods | undefined;
}

async function runAgent(
  host: Host,
  node: RunningNode & WithStartingPods,
  cluster: ServedCluster,
  signal: AbortSignal,
): Promise<void> {
  const { name, address, place, machineFiles, manifestDirectory, cgroupRoot, openRuntime } = node;
  const { evictionThresholds, imageRemedy, starting } = node;
  const { runNodeAgent } = await import('@fairway/node-agent');
  const { clock, random, logger, files, environment } = host;
  const { apiServer } = cluster;
  const { rootDirectory } = nodeTraces(place.dataDirectory);
  const options = {
    handlerFor: apiServer.handlerFor,
    clock,
    random,
    logger,
    files,
    environment,
    machineFiles,
    name,
    address,
    rootDirectory,
    logDirectory: `${rootDirectory}/logs`,
    ...(manifestDirectory === undefined ? {} : { manifests: manifestsIn(host, manifestDirectory) }),
    ...(evictionThresholds === undefined ? {} : { evictionThresholds }),
    endsPods: true,
    ...(cgroupRoot === undefined ? {} : { cgroupRoot }),
    clusterDns: namesServers(node, cluster),
    clusterDomain,
    ...(imageRemedy === undefined ? {} : { imageRemedy }),
    ...(starting === undefined ? {} : { untilIsolated: starting.untilKnown.bind(starting) }),
    openRuntime: (podCidrs: readonly string[]) => openRuntime(podCidrs, cluster),
    serving: await cluster.serving({ name, address }),
  };
  await keepRunning(() => runNodeAgent(options, signal), {
    clock,
    signal,
    onFailure: (error) => logger.error('the node agent has failed and is run again', { error }),
  });
}

function manifestsIn({ environment }: Host, path: string): PodManifests {
  return { directory: resolve(environment.workingDirectory, path), parse: parseManifests };
}

async function runServices(
  host: Host,
  node: RunningNode & WithStartingPods,
  { apiServer, informers }: ServedCluster,
  signal: AbortSignal,
): Promise<void> {
  const { name, address, place, hasServiceRules, loadBalancers, starting, processNetwork } = node;
  if (processNetwork !== undefined) {
    const parts = { apiServer, informers, nodeName: name, address, place, ...processNetwork };
    return await startEntrances(host, parts, signal);
  }
  if (hasServiceRules === undefined) return;
  if (!hasServiceRules || starting === undefined) {
    host.logger.warn(
      'addresses of services lead nowhere and network policies do nothing: install the package nftables',
    );
    return;
  }
  const network = {
    apiServer,
    informers,
    nodeName: name,
    nodeAddresses: [address, ...host.environment.addresses],
    starting,
    tableName: nodeTraces(place.dataDirectory).tableName,
    clusterCidr: place.podCidr,
    serviceCidr: place.serviceCidr,
    ...(loadBalancers.kind === 'network' ? { loadBalancerCidr: loadBalancers.cidr } : {}),
  };
  await startNetwork(host, network, signal);
}

/** Whom pods ask for names: the node itself where addresses of services lead nowhere, or not to it. */
function namesServers(
  { address, place, hasServiceRules, processNetwork }: RunningNode,
  { isOwn }: ServedCluster,
): readonly string[] {
  const serviceAddress = namesAddress(place.serviceCidr);
  const ownAddress = processNetwork?.network.namesAddress ?? address;
  const leadsThere = processNetwork !== undefined || hasServiceRules;
  if (serviceAddress === undefined || leadsThere === undefined) return [];
  return [leadsThere && isOwn ? serviceAddress : ownAddress];
}

async function runNames(
  host: Host,
  { address, place: { serviceCidr }, hasServiceRules, processNetwork }: RunningNode,
  { apiServer, informers, isOwn }: ServedCluster,
  signal: AbortSignal,
): Promise<void> {
  if (hasServiceRules === undefined && processNetwork === undefined) return;
  const serviceAddress = namesAddress(serviceCidr);
  if (serviceAddress === undefined) {
    const remedy = 'give a larger one with --service-cluster-ip-range';
    host.logger.warn('pods find no names: the range of services has no tenth IPv4 address', {
      serviceCidr,
      remedy,
    });
    return;
  }
  const listen = processNetwork ? await namesDoor(processNetwork, signal) : { address, port: 53 };
  if (listen === undefined) return;
  const names = { apiServer, informers, clusterDomain, serviceAddress, listen, isOwn };
  await startNames(host, names, signal);
}
