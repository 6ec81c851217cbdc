import { parseAddressRange } from '@fairway/apiserver';
import { DisposalStack, type Host } from '@fairway/host';
import type { FoundRuntime } from './found-runtime.ts';
import type { LocalNodeOptions } from './local-node-options.ts';
import { type LocalNodePlace, markOf } from './local-node-place.ts';
import { holdLoadBalancerNetwork } from './load-balancer-network.ts';
import { lockNetwork } from './lock-network.ts';
import { networkClash } from './network-clash.ts';
import { openContainerdRuntime } from './open-containerd-runtime.ts';

/** Containers of a containerd of the cluster's own, where this machine can have them. */
export async function containerdNode(
  host: Host,
  options: LocalNodeOptions,
  place: LocalNodePlace,
): Promise<FoundRuntime> {
  const { containerHost, lackedCapabilities } = await import('@fairway/node-agent');
  const facts = await containerHost(host);
  const lacks = lackedCapabilities(facts);
  if (lacks !== undefined) return { kind: 'none', why: lacks };
  const network = place.podNetworks.cidrOf(0);
  const address = options.address ?? parseAddressRange(network).at(0);
  const podCidr = place.podNetworks.cidr;
  const ranges = { podCidr, serviceCidr: place.serviceCidr, nodeAddress: address };
  const clash = networkClash(host.environment.addresses, ranges);
  if (clash !== undefined) return { kind: 'none', why: clash };
  await using held = new DisposalStack();
  const lock = await lockNetwork(host, network);
  if (lock === undefined) return { kind: 'none', why: networkTaken(network) };
  held.use(lock);
  if (options.address === undefined) {
    const { holdLocalAddress } = await import('@fairway/node-agent');
    held.use(await holdLocalAddress(host, address));
  }
  const hasServiceRules = facts.capabilities.some(({ name, isThere }) => name === 'nft' && isThere);
  const loadBalancers = hasServiceRules
    ? await holdLoadBalancerNetwork(host, {
        ...(options.loadBalancerCidr === undefined ? {} : { cidr: options.loadBalancerCidr }),
        others: [podCidr, place.serviceCidr],
      })
    : ({ kind: 'none', why: 'this machine lacks the package nftables' } as const);
  if (loadBalancers.kind === 'network') held.use(loadBalancers);
  const running = held.move();
  const { background, machineFiles } = options;
  const doors = { host, facts, background, machineFiles };
  return {
    kind: 'runtime',
    address,
    apiAddress: address,
    words: `containerd ${facts.containerdVersion ?? ''}`,
    cgroupRoot: `/fairway-${markOf(place)}`,
    hasServiceRules,
    loadBalancers,
    openRuntime: (podCidrs) => openContainerdRuntime(doors, place, podCidrs),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

function networkTaken(network: string): string {
  const remedy = 'give this one others with --cluster-cidr and --service-cluster-ip-range';
  return `another cluster of this machine has its pods in ${network}: ${remedy}`;
}
