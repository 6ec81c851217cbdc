import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** A network in CIDR notation, or undefined when the text is not one. */
export function parseCidr(text: string): { address: string; prefixBits: number } | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits)) return undefined;
  const prefixBits = Number(bits);
  return prefixBits > (isIPv4(address) ? 32 : 128) ? undefined : { address, prefixBits };
}

/** Whether an address is in a network in CIDR notation; what is neither is in none. */
export function isInNetwork(address: string, cidr: string): boolean {
  return inNetworks([cidr])(address);
}

/** The same for any of some networks, which are read once: for many addresses. */
export function inNetworks(cidrs: readonly string[]): (address: string) => boolean {
  const blocks = new BlockList();
  for (const { address, prefixBits } of cidrs.flatMap((cidr) => parseCidr(cidr) ?? [])) {
    blocks.addSubnet(address, prefixBits, familyOf(address));
  }
  return (address) => isIP(address) !== 0 && blocks.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
