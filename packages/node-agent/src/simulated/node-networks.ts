import { cutRange, formatAddress, parseAddress } from '@fairway/kind-rules/nodes';

/**
 * Networks for pods of nodes that are pretended, from 10.128.0.0/24 on: 16,384 with 254 addresses each. Those of
 * other nodes lie elsewhere (`--cluster-cidr`), so that nobody takes what another has.
 */
export const simulatedNetworks = cutRange('10.128.0.0/10', 24);

const firstNodeAddress = parseAddress('172.18.0.2') ?? 0;

/** The address of the node whose network has this number: 172.18.0.2 and those after it. */
export function nodeAddress(index: number): string {
  return formatAddress(firstNodeAddress + index);
}
