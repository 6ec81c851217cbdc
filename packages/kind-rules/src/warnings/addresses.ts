import { isIPv6 } from 'node:net';

import { parseCidr } from '@fairway/protocol/nodejs';
import { canonicalIpv6 } from '../ip-networks.ts';

/** An IPv6 address that is written in another than the one usual way. */
export function* addressWarnings(address: string | undefined, path: string): Iterable<string> {
  const canonical = usualForm(address ?? '');
  if (canonical === undefined || canonical === address) return;
  yield `${path}: IPv6 address "${address}" should be in RFC 5952 canonical format ("${canonical}")`;
}

/** The same for a network. */
export function* networkWarnings(cidr: string | undefined, path: string): Iterable<string> {
  const network = parseCidr(cidr ?? '');
  const address = usualForm(network?.address ?? '');
  if (network === undefined || address === undefined) return;
  const canonical = `${address}/${network.prefixBits}`;
  if (canonical === cidr) return;
  yield `${path}: IPv6 CIDR value "${cidr}" should be in RFC 5952 canonical format ("${canonical}")`;
}

/** Undefined for what is no IPv6 address, or one of a zone. */
function usualForm(address: string): string | undefined {
  return isIPv6(address) && !address.includes('%') ? canonicalIpv6(address) : undefined;
}
