import { Failure, Uint } from './value.ts';

const intMin = -(2n ** 63n);
const intMax = 2n ** 63n - 1n;
const uintMax = 2n ** 64n - 1n;

export const intOverflow: Failure = new Failure('integer overflow');
export const uintOverflow: Failure = new Failure('unsigned integer overflow');

/** An int of 64 bits in the form that values have: a number where that is exact. */
export function intOf(value: bigint): number | bigint | Failure {
  if (value < intMin || value > intMax) return intOverflow;
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : value;
}

export function uintOf(value: bigint): Uint | Failure {
  return value < 0n || value > uintMax ? uintOverflow : new Uint(value);
}

/** The int that a double comes to without its fraction; a failure beyond 64 bits. */
export function intOfDouble(value: number): number | bigint | Failure {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) return intOverflow;
  return intOf(BigInt(Math.trunc(value)));
}

export function uintOfDouble(value: number): Uint | Failure {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) return uintOverflow;
  return new Uint(BigInt(Math.trunc(value)));
}
