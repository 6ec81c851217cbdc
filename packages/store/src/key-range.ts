import { byteOrder } from './key-order.ts';
import type { KeyRange } from './store.ts';

/** The range of all keys that begin with `prefix`, which is well-formed. */
export function prefixRange(prefix: string): KeyRange {
  for (let rest = prefix; rest !== '';) {
    const last = lastCharacter(rest);
    rest = rest.slice(0, rest.length - last.length);
    const next = characterAfter(last);
    if (next !== undefined) return { start: prefix, end: rest + next };
  }
  throw new RangeError('a prefix range needs a character that can be followed by another');
}

// One code unit, or the pair of them that is one character.
function lastCharacter(text: string): string {
  const isPair = (text.codePointAt(text.length - 2) ?? 0) > 0xffff;
  return text.slice(isPair ? -2 : -1);
}

// No key holds half a surrogate pair.
function characterAfter(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x10_ffff) return undefined;
  return String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1);
}

/** The range that holds this one key. */
export function singleKeyRange(key: string): KeyRange {
  return { start: key, end: keyAfter(key) };
}

/** The first key after `key`: where the next page of a list begins. */
export function keyAfter(key: string): string {
  return `${key}\0`;
}

/** Tells whether a key lies in `range`. */
export function rangeTest(range: KeyRange): (key: string) => boolean {
  const start = byteOrder(range.start);
  const end = byteOrder(range.end);
  return (key) => {
    const place = byteOrder(key);
    return place >= start && place < end;
  };
}
