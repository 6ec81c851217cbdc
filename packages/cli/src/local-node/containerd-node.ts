import { parseAddressRange } from '@fairway/apiserver';
import { DisposalStack, type Host } from '@fairway/host';
import { quotedPath } from '../quoted-path.ts';
import { findExistingRuntime, openExistingRuntime } from './existing-runtime.ts';
import type { FoundRuntime } from './found-runtime.ts';
import type { LocalNodeOptions } from './local-node-options.ts';
import { type LocalNodePlace, nodeTraces } from './local-node-place.ts';
import { type LoadBalancerNetwork, holdLoadBalancerNetwork } from './load-balancer-network.ts';
import { recordAddresses } from './held-addresses.ts';
import { NetworkLocks } from './lock-network.ts';
import { movedClash, networkClash } from './network-clash.ts';
import { canHaveRules } from './start-network.ts';
import { openContainerdRuntime } from './open-containerd-runtime.ts';
import { takeNetworks, takePodNetworks } from './take-networks.ts';

/** Containers of a containerd of the node's own, or of a runtime that is there already, where this machine can have them. */
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
  const { podCidr, serviceCidr, serviceAddress, nodePodCidr, isOwn } = place;
  // Pods that an agent before has left running go out by it.
  const gateway = nodePodCidr === undefined ? undefined : parseAddressRange(nodePodCidr).at(0);
  const address = options.address ?? gateway;
  if (address === undefined) throw new Error('a node without a network of its own has an address');
  if (address.startsWith('127.')) return { kind: 'none', why: unreachable(address) };
  const ranges = { podCidr, serviceCidr, isOwn, nodeAddresses: [address, gateway] };
  // A runtime that is there already has a network of its own for pods.
  const clash =
    existing === undefined
      ? (movedClash(place) ?? networkClash(host.environment.addresses, ranges))
      : movedClash({ podCidr, serviceCidr, serviceAddress });
  if (clash !== undefined) return { kind: 'none', why: clash };
  await using held = new DisposalStack();
  const locks = held.use(new NetworkLocks(host, machineFiles));
  const taken = await takeNetworks(locks, place);
  if (taken !== undefined) return { kind: 'none', why: taken };
  if (options.address === undefined) {
    const { holdLocalAddress } = await import('@fairway/node-agent');
    held.use(await holdLocalAddress(host, address));
  }
  const hasServiceRules = canHaveRules(facts);
  const loadBalancers = await loadBalancersOf(host, { options, place, hasServiceRules, locks });
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
    // What is loaded reaches a containerd of the node's own only.
    ...(existing === undefined ? { imageRemedy: imageRemedy(place) } : {}),
    async openRuntime(podCidrs) {
      if (endpoint !== undefined) return openExistingRuntime(host, endpoint);
      await takePodNetworks(locks, place, podCidrs);
      return openContainerdRuntime(doors, place, podCidrs);
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

async function loadBalancersOf(
  host: Host,
  node: {
    readonly options: LocalNodeOptions;
    readonly place: LocalNodePlace;
    readonly hasServiceRules: boolean;
    readonly locks: NetworkLocks;
  },
): Promise<LoadBalancerNetwork> {
  const { options, place, hasServiceRules, locks } = node;
  if (!place.isOwn) return { kind: 'none', why: 'those of the cluster lead elsewhere' };
  if (!hasServiceRules) return { kind: 'none', why: 'this machine lacks the package nftables' };
  return holdLoadBalancerNetwork(host, {
    ...(options.loadBalancerCidr === undefined ? {} : { cidr: options.loadBalancerCidr }),
    others: [place.podCidr, place.serviceCidr],
    locks,
  });
}

function imageRemedy({ dataDirectory }: LocalNodePlace): string {
  const load = `fairway image load FILE --data-dir ${quotedPath(dataDirectory)}`;
  return `where no registry has it, load it: ${load}, or take \`host\`, the programs of this machine`;
}

function unreachable(address: string): string {
  return `pods do not reach this machine at ${address}: give another address with --node-ip`;
}
