import { prefixRange, rangeTest } from './key-range.ts';
import type { KeyRange } from './store.ts';

/**
 * Finds the ranges that hold a key without asking each of them.
 *
 * Ranges that are folders (`/registry/pods/`) or single keys are found by hashing the key and the
 * folders above it; only ranges of another shape are compared one by one.
 */
export class RangeIndex<V> {
  readonly #folders = new Map<string, V>();
  readonly #keys = new Map<string, V>();
  readonly #others = new Map<
    string,
    { readonly holds: (key: string) => boolean; readonly value: V }
  >();

  get(range: KeyRange): V | undefined {
    if (isFolder(range)) return this.#folders.get(range.start);
    if (isSingleKey(range)) return this.#keys.get(range.start);
    return this.#others.get(identity(range))?.value;
  }

  set(range: KeyRange, value: V): void {
    if (isFolder(range)) this.#folders.set(range.start, value);
    else if (isSingleKey(range)) this.#keys.set(range.start, value);
    else this.#others.set(identity(range), { holds: rangeTest(range), value });
  }

  delete(range: KeyRange): void {
    if (isFolder(range)) this.#folders.delete(range.start);
    else if (isSingleKey(range)) this.#keys.delete(range.start);
    else this.#others.delete(identity(range));
  }

  *values(): Generator<V> {
    yield* this.#folders.values();
    yield* this.#keys.values();
    for (const { value } of this.#others.values()) yield value;
  }

  /** Calls `visit` with the value of every range that holds `key`. */
  visit(key: string, visit: (value: V) => void): void {
    if (this.#folders.size > 0) this.#visitFolders(key, visit);
    const exact = this.#keys.get(key);
    if (exact !== undefined) visit(exact);
    for (const { holds, value } of this.#others.values()) if (holds(key)) visit(value);
  }

  #visitFolders(key: string, visit: (value: V) => void): void {
    for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1)) {
      const value = this.#folders.get(key.slice(0, slash + 1));
      if (value !== undefined) visit(value);
    }
  }
}

function isFolder({ start, end }: KeyRange): boolean {
  return start.endsWith('/') && end === prefixRange(start).end;
}

function isSingleKey({ start, end }: KeyRange): boolean {
  return end.length === start.length + 1 && end.endsWith('\0') && end.startsWith(start);
}

// The length keeps apart what joining alone would confuse.
function identity({ start, end }: KeyRange): string {
  return `${start.length}:${start}${end}`;
}
