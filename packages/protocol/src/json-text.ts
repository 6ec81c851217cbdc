import { hasLongNumber } from './long-number.ts';

/**
 * Reads JSON as `JSON.parse` does, save that integers of 64 bits keep all their digits: one that a
 * number cannot hold exactly (beyond 2^53) is a `bigint`. All others stay numbers, so that equal
 * integers are the same value. Where the runtime cannot tell how a number was written (browsers of
 * before 2025), it is rounded as ever.
 *
 * Errors: `SyntaxError`.
 */
export function parseJson(text: string): unknown {
  return hasLongNumber(text) ? JSON.parse(text, keepDigits as Reviver) : JSON.parse(text);
}

/** Writes what `parseJson` reads, as `JSON.stringify` does; undefined for what is not JSON. */
export function stringifyJson(value: object, indent?: number): string;
export function stringifyJson(value: unknown, indent?: number): string | undefined;
export function stringifyJson(value: unknown, indent?: number): string | undefined {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    // That it meets a bigint is found out for nothing; a cycle is met again.
    if (!(error instanceof TypeError) || rawJson === undefined) throw error;
    return JSON.stringify(value, writeDigits, indent);
  }
}

/** An integer of 64 bits that is written so and that a number cannot hold; undefined for all others. */
export function longInteger(text: string): bigint | undefined {
  if (!/^-?\d{16,19}$/.test(text) || Number.isSafeInteger(Number(text))) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

type Reviver = (key: string, value: unknown) => unknown;

/** Source: ECMAScript proposal "JSON.parse source text access", which V8 has since 11.4. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return longInteger(context?.source ?? '') ?? value;
}

const { rawJSON: rawJson } = JSON as { readonly rawJSON?: (text: string) => unknown };

function writeDigits(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawJson?.(String(value)) : value;
}
