import { isIPv4 } from 'node:net';
import { parseCidr } from '@fairway/protocol/nodejs';

/** A range of addresses that is cut into networks of one size, one for the pods of each node. */
export interface NetworkRange {
  /** All of it: `10.244.0.0/16`. */
  readonly cidr: string;
  readonly count: number;
  /** The network with this number, from 0: `10.244.3.0/24`. */
  cidrOf(index: number): string;
  /** The number of a network; undefined for one that is none of these. */
  indexOf(cidr: string): number | undefined;
}

/** Errors: `RangeError`, with the reason, for what is no range or cannot be cut so. */
export function cutRange(cidr: string, prefixBits: number): NetworkRange {
  const range = parseCidr(cidr);
  if (range === undefined || !isIPv4(range.address)) {
    throw new RangeError(
      `${JSON.stringify(cidr)} is no range of IPv4 addresses like 10.244.0.0/16`,
    );
  }
  const isSmaller = Number.isInteger(prefixBits) && prefixBits >= range.prefixBits;
  // Smaller networks have no room for a pod.
  if (!isSmaller || prefixBits > 30) {
    throw new RangeError(
      `networks with ${prefixBits} bits cannot be cut from ${cidr}: there may be ${range.prefixBits} to 30`,
    );
  }
  const count = 2 ** (prefixBits - range.prefixBits);
  const size = 2 ** (32 - prefixBits);
  const given = readAddress(range.address);
  const start = given - (given % (count * size));
  return {
    cidr: `${formatAddress(start)}/${range.prefixBits}`,
    count,
    cidrOf: (index) => `${formatAddress(start + index * size)}/${prefixBits}`,
    indexOf(text) {
      const network = parseCidr(text);
      if (network?.prefixBits !== prefixBits || !isIPv4(network.address)) return undefined;
      const index = Math.floor((readAddress(network.address) - start) / size);
      return index >= 0 && index < count ? index : undefined;
    },
  };
}

/** The addresses of a network for pods, without its first and its last one. */
export interface AddressRange {
  readonly first: number;
  readonly count: number;
}

/** Reads an IPv4 network; undefined for what is none. */
export function parseNetwork(cidr: string): AddressRange | undefined {
  const network = parseCidr(cidr);
  if (network === undefined || !isIPv4(network.address)) return undefined;
  const base = readAddress(network.address);
  const size = 2 ** (32 - network.prefixBits);
  const start = base - (base % size);
  return size <= 2 ? { first: start, count: size } : { first: start + 1, count: size - 2 };
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Reads an IPv4 address; undefined for what is none. */
export function parseAddress(text: string): number | undefined {
  return isIPv4(text) ? readAddress(text) : undefined;
}

function readAddress(text: string): number {
  return text.split('.').reduce((sum, each) => sum * 256 + Number(each), 0);
}
