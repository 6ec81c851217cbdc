import { isIPv4 } from 'node:net';
import type { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { isInNetwork } from '@fairway/protocol/nodejs';

/** For each network of pods on another machine, the address of that machine. */
export type PodRoutes = ReadonlyMap<string, string>;

/**
 * Where pods of other nodes are found: those of a node behind its address. A node whose address is one of the
 * cluster's pods, or the same as that of this node, is reached by nobody else, or no other machine.
 */
export function wantedRoutes(
  nodes: Iterable<DeepReadonly<Node>>,
  own: { readonly nodeName: string; readonly clusterCidr: string },
): PodRoutes {
  const all = [...nodes];
  const self = all.find(({ metadata }) => metadata?.name === own.nodeName);
  const ownAddress = self && internalAddress(self);
  const routes = new Map<string, string>();
  for (const node of all) {
    const { podCIDR = '' } = node.spec ?? {};
    const address = internalAddress(node);
    if (node === self || address === undefined || address === ownAddress) continue;
    const isOfCluster = isInNetwork(podCIDR.split('/')[0] ?? '', own.clusterCidr);
    if (isOfCluster && !isInNetwork(address, own.clusterCidr)) routes.set(podCIDR, address);
  }
  return routes;
}

function internalAddress({ status }: DeepReadonly<Node>): string | undefined {
  return status?.addresses?.find(
    ({ type, address }) => type === 'InternalIP' && isIPv4(address) && !address.startsWith('127.'),
  )?.address;
}
