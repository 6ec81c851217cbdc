import { isIPv4 } from 'node:net';
import { parseCidr } from '@fairway/protocol/nodejs';

/** How many networks of nodes there are, each with 254 addresses. */
export const networksMax = 32_768;

/** Where the first network lies, as kubeadm has it: 10.244.0.0/24. */
const firstOctet = 116;

/** The network for pods of the node with this number, from 0: 10.244.0.0/24 and those after it. */
export function nodeNetwork(index: number): string {
  const block = Math.floor(index / 256);
  return `10.${128 + ((firstOctet + block) % 128)}.${index % 256}.0/24`;
}

/** The address of the node with this number, from 0: 172.18.0.2 and those after it. */
export function nodeAddress(index: number): string {
  const at = index + 2;
  return `172.${18 + Math.floor(at / 65_536)}.${Math.floor(at / 256) % 256}.${at % 256}`;
}

/** The number of a network; undefined for one of somebody else's. */
export function networkIndex(cidr: string): number | undefined {
  const [, second, third] = /^10\.(\d+)\.(\d+)\.0\/24$/.exec(cidr) ?? [];
  if (second === undefined || third === undefined || Number(second) < 128) return undefined;
  const block = (Number(second) - 128 - firstOctet + 128) % 128;
  return block * 256 + Number(third);
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
  const base = network.address.split('.').reduce((sum, each) => sum * 256 + Number(each), 0);
  const size = 2 ** (32 - network.prefixBits);
  const start = base - (base % size);
  return size <= 2 ? { first: start, count: size } : { first: start + 1, count: size - 2 };
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Reads an IPv4 address; undefined for what is none. */
export function parseAddress(text: string): number | undefined {
  const range = parseNetwork(`${text}/32`);
  return range?.first;
}
