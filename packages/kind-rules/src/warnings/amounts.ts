import { parseQuantity } from '@fairway/protocol';

type Amounts = Readonly<Record<string, string | undefined>> | undefined;

/** Bytes that are no whole number. */
export function* byteWarnings(
  amounts: Amounts,
  resources: readonly string[],
  path: string,
): Iterable<string> {
  for (const resource of resources) {
    const amount = amounts?.[resource];
    if (amount !== undefined && isFractional(amount)) {
      yield `${path}[${resource}]: fractional byte value "${amount}" is invalid, must be an integer`;
    }
  }
}

/**
 * In thousandths of 64 bits, of which the upper ones are lost, as in Kubernetes: so a large amount may
 * count as fractional. One of few digits that has too many thousandths counts as none.
 */
function isFractional(amount: string): boolean {
  // Most are written as a whole number of bytes, or of few of a unit.
  if (/^\d{1,5}[kKMG]i?$/.test(amount)) return false;
  const { nanos = 0n, format } = parseQuantity(amount) ?? {};
  if (nanos % 1_000_000n !== 0n) return true;
  const millis = nanos / 1_000_000n;
  const isBeyond = BigInt.asIntN(64, millis) !== millis;
  const isOfFewDigits = format !== 'BinarySI' && !/\d{19}/.test(amount) && nanos < fewDigitsEnd;
  return !(isBeyond && isOfFewDigits) && BigInt.asIntN(64, millis) % 1000n !== 0n;
}

/** From here on amounts are kept otherwise, however they are written. */
const fewDigitsEnd = 2n ** 63n * 1_000_000_000n;
