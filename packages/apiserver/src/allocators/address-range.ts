import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** The addresses of a CIDR that services may have: all but the first, and for IPv4 the last. */
export interface AddressRange {
  readonly cidr: string;
  readonly family: 'IPv4' | 'IPv6';
  /** How many addresses there are, at most `addressesMax`. */
  readonly size: number;
  /** The address at an index from 0. */
  readonly at: (index: number) => string;
  readonly has: (address: string) => boolean;
}

/** Of a larger range only this many addresses are used; no cluster has that many services. */
const addressesMax = 2 ** 20;

/** Errors: RangeError that says what is wrong with the text. */
export function parseAddressRange(cidr: string): AddressRange {
  const [address = '', bits = ''] = cidr.split('/');
  const family = isIPv4(address) ? 'IPv4' : isIPv6(address) ? 'IPv6' : undefined;
  const width = family === 'IPv4' ? 32 : 128;
  const prefix = Number(bits);
  const isPrefix = /^[0-9]{1,3}$/.test(bits) && prefix <= width - 2;
  if (family === undefined || !isPrefix) {
    throw new RangeError(
      `"${cidr}" is no range of service addresses: write it as 10.0.0.0/16, with at least four addresses`,
    );
  }
  const hostBits = BigInt(width - prefix);
  const start = (addressNumber(address, family) >> hostBits) << hostBits;
  const usable = (1n << hostBits) - (family === 'IPv4' ? 2n : 1n);
  const blocks = new BlockList();
  blocks.addSubnet(address, prefix, family === 'IPv4' ? 'ipv4' : 'ipv6');
  return {
    cidr,
    family,
    size: Number(usable < addressesMax ? usable : BigInt(addressesMax)),
    at: (index) => addressText(start + 1n + BigInt(index), family),
    has: (each) => blocks.check(each, isIPv6(each) ? 'ipv6' : 'ipv4'),
  };
}

/** The address of the `kubernetes` service. */
export function firstServiceAddress(cidr: string): string {
  return parseAddressRange(cidr).at(0);
}

function addressNumber(address: string, family: 'IPv4' | 'IPv6'): bigint {
  if (family === 'IPv4') {
    return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  }
  return groupsOf(address).reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** The eight groups of an IPv6 address. The URL parser writes out what a text may abbreviate. */
function groupsOf(address: string): readonly string[] {
  const compact = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = compact.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

function addressText(value: bigint, family: 'IPv4' | 'IPv6'): string {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  }
  const groups = [7, 6, 5, 4, 3, 2, 1, 0].map((at) =>
    ((value >> BigInt(at * 16)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
