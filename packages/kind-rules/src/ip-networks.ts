import { isIPv4, isIPv6 } from 'node:net';

interface Network {
  readonly address: string;
  readonly prefixBits: number;
}

/** Whether one network lies within another and is smaller. */
export function isStrictSubset(part: Network, whole: Network): boolean {
  if (isIPv4(part.address) !== isIPv4(whole.address)) return false;
  if (part.prefixBits <= whole.prefixBits) return false;
  const shift = BigInt((isIPv4(part.address) ? 32 : 128) - whole.prefixBits);
  return bitsOf(part.address) >> shift === bitsOf(whole.address) >> shift;
}

/** Whether an address is written where a network is meant: bits beyond the prefix are set. */
export function hasHostBits({ address, prefixBits }: Network): boolean {
  const hostBits = BigInt((isIPv4(address) ? 32 : 128) - prefixBits);
  return (bitsOf(address) & ((1n << hostBits) - 1n)) !== 0n;
}

/** As RFC 5952 writes it, which is how URLs do. */
export function canonicalIpv6(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

function bitsOf(address: string): bigint {
  if (isIPv4(address)) {
    return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  }
  // The canonical form has no dots, which an address may have in its last part.
  const canonical = canonicalIpv6(address);
  const [head = '', tail = ''] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = canonical.includes('::') ? [...left, ...middle, ...right] : left;
  return groups.reduce((bits, part) => (bits << 16n) | BigInt(`0x${part || '0'}`), 0n);
}
