import { parseAddressRange } from '@fairway/apiserver';
import { DisposalStack, type Host } from '@fairway/host';
import { quotedPath } from '../quoted-path.ts';
import { findExistingRuntime, openExistingRuntime } from './existing-runtime.ts';
import type { FoundRuntime } from './found-runtime.ts';
import type { LocalNodeOptions } from './local-node-options.ts';
import { type LocalNodePlace, nodeTraces } from './local-node-place.ts';
import { type LoadBalancerNetwork, holdLoadBalancerNetwork } from './load-balancer-network.ts';
import { recordAddresses } from './held-addresses.ts';
import { lockNetwork } from './lock-network.ts';
import { networkClash } from './network-clash.ts';
import { canHaveRules } from './start-network.ts';
import { openContainerdRuntime } from './open-containerd-runtime.ts';

/** Containers of a containerd of the cluster's own, or of a runtime that is there already, where this machine can have them. */
export async function containerdNode(
  host: Host,
  options: LocalNodeOptions,
  place: LocalNodePlace,
): Promise<FoundRuntime> {
  const { containerHost, lackedCapabilities } = await import('@fairway/node-agent');
  const facts = await containerHost(host);
  const { background, machineFiles, runtimeEndpoint: endpoint } = options;
  const existing =
    endpoint === undefined ? undefined : await findExistingRuntime(host, endpoint, facts);
  if (existing?.kind === 'none') return existing;
  const lacks = existing === undefined ? lackedCapabilities(facts) : undefined;
  if (lacks !== undefined) return { kind: 'none', why: lacks };
  const { podCidr, serviceCidr, nodePodCidr } = place;
  // Pods that an agent before has left running go out by it.
  const gateway = nodePodCidr === undefined ? undefined : parseAddressRange(nodePodCidr).at(0);
  const address = options.address ?? gateway;
  if (address === undefined) throw new Error('a node without a network of its own has an address');
  if (address.startsWith('127.')) return { kind: 'none', why: unreachable(address) };
  const ranges = { podCidr, serviceCidr, nodeAddresses: [address, gateway] };
  // The network of a runtime that is there already may be just that of pods.
  const clash =
    existing === undefined ? networkClash(host.environment.addresses, ranges) : undefined;
  if (clash !== undefined) return { kind: 'none', why: clash };
  await using held = new DisposalStack();
  if (nodePodCidr !== undefined) {
    const lock = await lockNetwork(host, nodePodCidr);
    if (lock === undefined) return { kind: 'none', why: networkTaken(nodePodCidr) };
    held.use(lock);
  }
  if (options.address === undefined) {
    const { holdLocalAddress } = await import('@fairway/node-agent');
    held.use(await holdLocalAddress(host, address));
  }
  const hasServiceRules = canHaveRules(facts);
  const loadBalancers = await loadBalancersOf(host, { options, place, hasServiceRules });
  if (loadBalancers.kind === 'network') held.use(loadBalancers);
  if (nodePodCidr !== undefined) {
    await recordAddresses(host, place.dataDirectory, {
      podNetwork: nodePodCidr,
      clusterNetwork: podCidr,
      ...(options.address === undefined ? { address } : {}),
      ...(loadBalancers.kind === 'network' ? { loadBalancerNetwork: loadBalancers.cidr } : {}),
    });
  }
  const running = held.move();
  const doors = { host, facts, background, machineFiles };
  return {
    kind: 'runtime',
    address,
    apiAddress: address,
    words: existing?.words ?? `containerd ${facts.containerdVersion ?? ''}`,
    cgroupRoot: nodeTraces(place.dataDirectory).cgroupRoot,
    hasServiceRules,
    loadBalancers,
    // What is loaded reaches a containerd of the cluster's own only.
    ...(existing === undefined ? { imageRemedy: imageRemedy(place) } : {}),
    openRuntime: (podCidrs) =>
      endpoint === undefined
        ? openContainerdRuntime(doors, place, podCidrs)
        : openExistingRuntime(host, endpoint),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

async function loadBalancersOf(
  host: Host,
  node: {
    readonly options: LocalNodeOptions;
    readonly place: LocalNodePlace;
    readonly hasServiceRules: boolean;
  },
): Promise<LoadBalancerNetwork> {
  const { options, place, hasServiceRules } = node;
  if (!place.hasLoadBalancers) return { kind: 'none', why: 'those of the cluster lead elsewhere' };
  if (!hasServiceRules) return { kind: 'none', why: 'this machine lacks the package nftables' };
  return holdLoadBalancerNetwork(host, {
    ...(options.loadBalancerCidr === undefined ? {} : { cidr: options.loadBalancerCidr }),
    others: [place.podCidr, place.serviceCidr],
  });
}

function imageRemedy({ dataDirectory }: LocalNodePlace): string {
  const load = `fairway image load FILE --data-dir ${quotedPath(dataDirectory)}`;
  return `where no registry has it, load it: ${load}, or take \`host\`, the programs of this machine`;
}

function unreachable(address: string): string {
  return `pods do not reach this machine at ${address}: give another address with --node-ip`;
}

function networkTaken(network: string): string {
  const remedy =
    'give this one others with --cluster-cidr and --service-cluster-ip-range, and a new --data-dir: a cluster keeps its first ones';
  return `another cluster of this machine has its pods in ${network}: ${remedy}`;
}
