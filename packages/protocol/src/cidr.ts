import { isIP, isIPv4 } from 'node:net';

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
