/** An IP address as its bits. */
export interface Address {
  readonly bits: bigint;
  readonly family: 4 | 6;
  /** It was written as `::ffff:1.2.3.4`, or is one. */
  readonly isMapped: boolean;
  readonly zone: string;
}

/** What came of a text; `problem` is in the words of Go's netip. */
export type ParsedAddress = Address | { readonly problem: string };

/** Source: Go, net/netip, `ParseAddr`. */
export function parseAddress(text: string): ParsedAddress {
  const problem = (message: string, at = ''): { readonly problem: string } => ({
    problem: `ParseAddr(${JSON.stringify(text)}): ${message}${at === '' ? '' : ` (at ${JSON.stringify(at)})`}`,
  });
  const first = /[.:%]/.exec(text)?.[0];
  if (first === '.') return parseFour(text, problem);
  if (first === ':') return parseSix(text, problem);
  return problem(first === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

type Problem = (message: string, at?: string) => { readonly problem: string };

function parseFour(text: string, problem: Problem): ParsedAddress {
  const bits = readFour(text);
  if (typeof bits !== 'bigint') return problem(bits.message, bits.at);
  return { bits, family: 4, isMapped: false, zone: '' };
}

function readFour(text: string): bigint | { readonly message: string; readonly at: string } {
  const wrong = (message: string, at = ''): { message: string; at: string } => ({ message, at });
  const octets: number[] = [];
  let value = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (/\d/.test(character)) {
      if (digits === 1 && value === 0) return wrong('IPv4 field has octet with leading zero');
      value = value * 10 + Number(character);
      digits++;
      if (value > 255) return wrong('IPv4 field has value >255');
    } else if (character === '.') {
      if (digits === 0 || at === text.length - 1) {
        return wrong('IPv4 field must have at least one digit', text.slice(at));
      }
      if (octets.length === 3) return wrong('IPv4 address too long');
      octets.push(value);
      value = 0;
      digits = 0;
    } else return wrong('unexpected character', text.slice(at));
  }
  if (octets.length < 3) return wrong('IPv4 address too short');
  return [...octets, value].reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

function parseSix(text: string, problem: Problem): ParsedAddress {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && zone === '') return problem('zone must be a non-empty string');
  let rest = percent < 0 ? text : text.slice(0, percent);
  const groups: bigint[] = [];
  let ellipsis = -1;
  if (rest.startsWith('::')) {
    ellipsis = 0;
    rest = rest.slice(2);
  }
  while (groups.length < 8 && rest !== '') {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
    if (digits.length > 4) {
      return problem('each group must have 4 or fewer digits', rest);
    }
    if (digits === '') {
      return problem('each colon-separated field must have at least one digit', rest);
    }
    if (rest[digits.length] === '.') {
      if (ellipsis < 0 && groups.length !== 6) {
        return problem(
          'embedded IPv4 address must replace the final 2 fields of the address',
          rest,
        );
      }
      if (groups.length > 6) {
        return problem(
          'too many hex fields to fit an embedded IPv4 address at the end of the address',
          rest,
        );
      }
      const four = readFour(rest);
      if (typeof four !== 'bigint') return problem(four.message, four.at);
      groups.push(four >> 16n, four & 0xffffn);
      rest = '';
      break;
    }
    groups.push(BigInt(`0x${digits}`));
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) return problem('unexpected character, want colon', rest);
    if (rest.length === 1) return problem('colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (!rest.startsWith(':')) continue;
    if (ellipsis >= 0) return problem('multiple :: in address', rest);
    ellipsis = groups.length;
    rest = rest.slice(1);
  }
  if (rest !== '') return problem('trailing garbage after address', rest);
  if (groups.length < 8) {
    if (ellipsis < 0) return problem('address string too short');
    groups.splice(ellipsis, 0, ...new Array<bigint>(8 - groups.length).fill(0n));
  } else if (ellipsis >= 0) return problem('the :: must expand to at least one field of zeros');
  const bits = groups.reduce((sum, group) => (sum << 16n) | group, 0n);
  return { bits, family: 6, isMapped: bits >> 32n === 0xffffn, zone };
}

/** As Go writes an address. Source: RFC 5952. */
export function formatAddress({ bits, family }: Pick<Address, 'bits' | 'family'>): string {
  if (family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bits >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
  );
  const run = longestZeros(groups);
  if (run.length < 2) return groups.join(':');
  const before = groups.slice(0, run.start).join(':');
  return `${before}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, at) => {
    if (group !== '0') start = at + 1;
    else if (at + 1 - start > longest.length) longest = { start, length: at + 1 - start };
  });
  return longest;
}
