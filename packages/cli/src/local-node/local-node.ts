import {
  type BackgroundProcesses,
  DisposalStack,
  type Host,
  type MachineFiles,
} from '@fairway/host';
import type { ContainerHost } from '@fairway/node-agent';
import { CommandError } from '../command-error.ts';
import type { LocalNodePlace } from './local-node-place.ts';
import { networkClash } from './network-clash.ts';
import { openContainerdRuntime } from './open-containerd-runtime.ts';
import { type RunningNode, type ServedCluster, runLocalNode } from './run-local-node.ts';

/** A node on the machine of the cluster, as its user wants it. */
export interface LocalNodeOptions {
  /** `auto` does without where the machine cannot run containers. */
  readonly runtime: 'auto' | 'containerd';
  /** That of the machine when absent. */
  readonly name?: string;
  /** Where pods and the API server reach it; one that only this machine has when absent. */
  readonly address?: string;
  readonly background: BackgroundProcesses;
  readonly machineFiles: MachineFiles;
}

/** What there is before the API server: an address, and what can run containers. */
export interface LocalNode extends AsyncDisposable {
  readonly address: string;
  /** In words: `containerd 1.6.20`. */
  readonly runtime: string;
  /** Is a node of the cluster until the signal aborts; what runs then is ended. */
  run(cluster: ServedCluster, signal: AbortSignal): Promise<void>;
}

export type LocalNodeOutcome =
  | { readonly kind: 'node'; readonly node: LocalNode }
  | { readonly kind: 'none'; readonly why: string };

/**
 * Looks whether this machine can run containers, and takes hold of what its node needs.
 *
 * Errors: `CommandError` where it cannot and `auto` was not said.
 */
export async function prepareLocalNode(
  host: Host,
  options: LocalNodeOptions,
  place: LocalNodePlace,
): Promise<LocalNodeOutcome> {
  const { containerHost, lackedCapabilities } = await import('@fairway/node-agent');
  const facts = await containerHost(host);
  const lacks = lackedCapabilities(facts);
  if (lacks !== undefined) return without(options, lacks);
  const network = place.podNetworks.cidrOf(0);
  const address = options.address ?? firstAddress(network);
  const podCidr = place.podNetworks.cidr;
  const ranges = { podCidr, serviceCidr: place.serviceCidr, nodeAddress: address };
  const clash = networkClash(host.environment.addresses, ranges);
  if (clash !== undefined) return without(options, clash);
  await using held = new DisposalStack();
  const lock = await lockNetwork(host, network);
  if (lock === undefined) return without(options, networkTaken(network));
  held.use(lock);
  if (options.address === undefined) {
    const { holdLocalAddress } = await import('@fairway/node-agent');
    held.use(await holdLocalAddress(host, address));
  }
  const running = held.move();
  const node = nodeOf({ host, options, place, facts }, address);
  return {
    kind: 'node',
    node: {
      address,
      runtime: `containerd ${facts.containerdVersion ?? ''}`,
      run: (cluster, signal) => runLocalNode(host, node, cluster, signal),
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    },
  };
}

function nodeOf(
  of: {
    readonly host: Host;
    readonly options: LocalNodeOptions;
    readonly place: LocalNodePlace;
    readonly facts: ContainerHost;
  },
  address: string,
): RunningNode {
  const { host, options, place, facts } = of;
  const { background, machineFiles } = options;
  const doors = { host, facts, background, machineFiles };
  return {
    name: options.name ?? host.environment.hostName.toLowerCase(),
    address,
    place,
    machineFiles,
    hasServiceRules: facts.capabilities.some(({ name, isThere }) => name === 'nft' && isThere),
    openRuntime: (podCidrs) => openContainerdRuntime(doors, place, podCidrs),
  };
}

function without({ runtime }: LocalNodeOptions, why: string): LocalNodeOutcome {
  if (runtime === 'auto') return { kind: 'none', why };
  throw new CommandError(`cannot use --node ${runtime}: ${why}`);
}

function networkTaken(network: string): string {
  const remedy = 'give this one others with --cluster-cidr and --service-cluster-ip-range';
  return `another cluster of this machine has its pods in ${network}: ${remedy}`;
}

/** Two clusters with the same addresses for pods would take each other's packets. */
async function lockNetwork(
  { files }: Pick<Host, 'files'>,
  network: string,
): Promise<AsyncDisposable | undefined> {
  await files.makeDirectory('/run/fairway-networks', { mode: 0o755 });
  return files.lock(`/run/fairway-networks/${network.replace('/', '_')}`);
}

/** `10.244.0.1` of `10.244.0.0/24` */
function firstAddress(network: string): string {
  const [address = ''] = network.split('/');
  return address.replace(/\d+$/, (last) => String(Number(last) + 1));
}
