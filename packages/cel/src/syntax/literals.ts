import { intOf, uintOf } from '../values/integers.ts';
import { Failure, type Value, doubleOf } from '../values/value.ts';

/** What a literal says; undefined when it is malformed. */
export function intLiteral(digits: string, isNegative: boolean): Value | undefined {
  const size = BigInt(digits);
  const value = intOf(isNegative ? -size : size);
  return value instanceof Failure ? undefined : value;
}

export function uintLiteral(text: string): Value | undefined {
  const value = uintOf(BigInt(text.slice(0, -1)));
  return value instanceof Failure ? undefined : value;
}

export function doubleLiteral(text: string): Value | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? doubleOf(value) : undefined;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['`', '`'],
  ['?', '?'],
]);

const escape =
  /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|)/g;

/** The text of a string literal; undefined when an escape is malformed. */
export function stringLiteral(literal: string): string | undefined {
  const { content, isRaw } = withoutQuotes(literal);
  if (isRaw || !content.includes('\\')) return content;
  let isMalformed = false;
  const text = content.replace(escape, (...found: readonly (string | undefined)[]) => {
    const [, simple, hex, short, long, octal] = found;
    const known = simple === undefined ? undefined : escapes.get(simple);
    if (known !== undefined) return known;
    const code = codeOf([hex, short, long], octal);
    if (code === undefined || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      isMalformed = true;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return isMalformed ? undefined : text;
}

/** The bytes of a bytes literal: `\x` and octal say a byte, other text is UTF-8. */
export function bytesLiteral(literal: string): Uint8Array | undefined {
  const { content, isRaw } = withoutQuotes(literal.slice(1));
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  if (isRaw) return encoder.encode(content);
  let at = 0;
  for (const found of content.matchAll(escape)) {
    bytes.push(...encoder.encode(content.slice(at, found.index)));
    at = found.index + found[0].length;
    const [, simple, hex, short, long, octal] = found;
    if (short !== undefined || long !== undefined) return undefined;
    const known = simple === undefined ? undefined : escapes.get(simple)?.charCodeAt(0);
    const code = known ?? codeOf([hex], octal);
    if (code === undefined) return undefined;
    bytes.push(code);
  }
  bytes.push(...encoder.encode(content.slice(at)));
  return Uint8Array.from(bytes);
}

function codeOf(hexes: readonly unknown[], octal: string | undefined): number | undefined {
  const hex = hexes.find((each) => each !== undefined);
  if (hex !== undefined) return Number.parseInt(String(hex), 16);
  return octal === undefined ? undefined : Number.parseInt(octal, 8);
}

function withoutQuotes(literal: string): { readonly content: string; readonly isRaw: boolean } {
  const isRaw = /^[rR]/.test(literal);
  const quoted = isRaw ? literal.slice(1) : literal;
  const quotes = /^("""|''')/.test(quoted) ? 3 : 1;
  // Line ends are one character, however they are written.
  const content = quoted.slice(quotes, -quotes).replaceAll(/\r\n?/g, '\n');
  return { content, isRaw };
}
