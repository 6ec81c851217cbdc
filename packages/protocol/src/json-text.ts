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
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    // That it meets a bigint is found out for nothing; a cycle is met again.
    if (!(error instanceof TypeError) || rawJson === undefined) throw error;
    return JSON.stringify(value, writeDigits, indent);
  }
}

/** Digits in a row from which on a number may be none that is exact. */
const longDigits = 16;

/**
 * Whether so many digits follow each other that they may be such an integer. Looks at one character in
 * sixteen of what has none.
 */
export function hasLongNumber(text: string): boolean {
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (start > 0 && isDigit(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
    if (end - start >= longDigits && !isInText(text.charCodeAt(start - 1))) return true;
    // What comes next was not looked at.
    at += Math.trunc((end - 1 - at) / longDigits) * longDigits;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** What stands before the digits of no integer: quotes, letters, points. */
function isInText(code: number): boolean {
  return code === 0x22 || code === 0x2e || code >= 0x5c || code === 0x2f;
}

/** An integer of 64 bits that is written so and that a number cannot hold; undefined for all others. */
export function longInteger(text: string): bigint | undefined {
  if (!/^-?\d{16,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  const isExact = Number.isSafeInteger(Number(text));
  return isExact || BigInt.asIntN(64, value) !== value ? undefined : value;
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
