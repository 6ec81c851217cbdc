import type { KeyRange } from './store.ts';

/** The range of all keys that begin with `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  for (let length = prefix.length; length > 0; length--) {
    const last = prefix.charCodeAt(length - 1);
    if (last < 0xffff) {
      return { start: prefix, end: prefix.slice(0, length - 1) + String.fromCharCode(last + 1) };
    }
  }
  throw new RangeError('a prefix range needs a character that can be followed by another');
}

/** The range that holds this one key. */
export function singleKeyRange(key: string): KeyRange {
  return { start: key, end: keyAfter(key) };
}

/** The first key after `key`: where the next page of a list begins. */
export function keyAfter(key: string): string {
  return `${key}\0`;
}

/** Whether `key` lies in `range`. */
export function isInRange(key: string, range: KeyRange): boolean {
  return key >= range.start && key < range.end;
}
