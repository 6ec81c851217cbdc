import { BlockList, isIP } from 'node:net';

/**
 * Whether an address is of some machine that others reach too: not of the machine that asks, of its link (where
 * clouds have the keys of machines) or of many. IPv4 within IPv6 counts as what it is, and a name as none.
 *
 * Source: Go, IsGlobalUnicast; RFC 6890.
 */
export function isGlobalAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return false;
  return !others.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

const others = new BlockList();
for (const [network, bits, family] of [
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['255.255.255.255', 32, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['::1', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
] as const) {
  others.addSubnet(network, bits, family);
}
