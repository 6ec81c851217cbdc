import { isIPv6 } from 'node:net';

import { parseCidr } from '@fairway/protocol/nodejs';

/** An IPv6 address that is written in another than the one usual way. */
export function* addressWarnings(address: string | undefined, path: string): Iterable<string> {
  const canonical = canonicalIpv6(address ?? '');
  if (canonical === undefined || canonical === address) return;
  yield `${path}: IPv6 address "${address}" should be in RFC 5952 canonical format ("${canonical}")`;
}

/** The same for a network. */
export function* networkWarnings(cidr: string | undefined, path: string): Iterable<string> {
  const network = parseCidr(cidr ?? '');
  const address = canonicalIpv6(network?.address ?? '');
  if (network === undefined || address === undefined) return;
  const canonical = `${address}/${network.prefixBits}`;
  if (canonical === cidr) return;
  yield `${path}: IPv6 CIDR value "${cidr}" should be in RFC 5952 canonical format ("${canonical}")`;
}

function canonicalIpv6(address: string): string | undefined {
  if (!isIPv6(address) || address.includes('%')) return undefined;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
