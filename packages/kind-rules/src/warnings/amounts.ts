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

const milliMax = 2n ** 63n - 1n;

/** In thousandths that fit into 64 bits: an amount beyond them counts as fractional, as in Kubernetes. */
function isFractional(amount: string): boolean {
  // Most are written as a whole number of bytes, or of few of a unit.
  if (/^\d{1,5}[kKMG]i?$/.test(amount)) return false;
  const nanos = parseQuantity(amount)?.nanos ?? 0n;
  return nanos % 1_000_000_000n !== 0n || nanos / 1_000_000n > milliMax;
}
