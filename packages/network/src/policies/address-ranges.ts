import { formatAddress, parseAddress } from '@fairway/kind-rules/nodes';
import { parseCidr } from '@fairway/protocol/nodejs';

/** Addresses or ports from the first to the last one, both included. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** The addresses of IPv4 of a network, without those of others that are taken out of it. */
export function blockRanges(cidr: string, except: readonly string[]): readonly NumberRange[] {
  const whole = networkRange(cidr);
  const holes = except.filter((each) => !each.includes(':')).map(networkRange);
  // What is to be left out and cannot be read would be let in.
  if (whole === undefined || holes.includes(undefined)) return [];
  return without(whole, joined(holes.flatMap((hole) => hole ?? [])));
}

/** The same numbers in as few ranges as there can be, in order. */
export function joined(ranges: readonly NumberRange[]): readonly NumberRange[] {
  const joint: NumberRange[] = [];
  for (const { first, last } of ranges.toSorted((one, other) => one.first - other.first)) {
    const before = joint.at(-1);
    if (before !== undefined && first <= before.last + 1) {
      joint[joint.length - 1] = { first: before.first, last: Math.max(before.last, last) };
    } else joint.push({ first, last });
  }
  return joint;
}

/** As nftables writes a range of addresses. */
export function formatAddresses({ first, last }: NumberRange): string {
  return first === last ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`;
}

function without(whole: NumberRange, holes: readonly NumberRange[]): readonly NumberRange[] {
  const left: NumberRange[] = [];
  let { first } = whole;
  for (const hole of holes) {
    if (hole.last < first || hole.first > whole.last) continue;
    if (hole.first > first) left.push({ first, last: hole.first - 1 });
    first = hole.last + 1;
  }
  return first > whole.last ? left : [...left, { first, last: whole.last }];
}

function networkRange(cidr: string): NumberRange | undefined {
  const network = parseCidr(cidr);
  const address = parseAddress(network?.address ?? '');
  if (network === undefined || address === undefined) return undefined;
  const size = 2 ** (32 - network.prefixBits);
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}
