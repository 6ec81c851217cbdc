import { byteOrder } from './key-order.ts';
import type { KeyRange } from './store.ts';

const chunkKeysMax = 512;

interface Chunk<V> {
  /** As `byteOrder` has them. */
  readonly keys: string[];
  readonly values: V[];
}

interface Position {
  readonly chunk: number;
  readonly index: number;
}

/**
 * A map in ascending order of its keys' bytes in UTF-8.
 *
 * Sorted chunks: a lookup is two binary searches, a change moves at most one chunk, and a range is
 * copied chunk by chunk.
 */
export class OrderedMap<V> {
  readonly #chunks: Chunk<V>[] = [];

  get(key: string): V | undefined {
    const place = byteOrder(key);
    const at = this.#position(place);
    const chunk = this.#chunks[at.chunk];
    return chunk?.keys[at.index] === place ? chunk.values[at.index] : undefined;
  }

  set(key: string, value: V): void {
    const place = byteOrder(key);
    const at = this.#position(place);
    const chunk = this.#chunks[at.chunk];
    if (chunk?.keys[at.index] === place) chunk.values[at.index] = value;
    else this.#insert(at, place, value);
  }

  delete(key: string): boolean {
    const place = byteOrder(key);
    const at = this.#position(place);
    const chunk = this.#chunks[at.chunk];
    if (chunk?.keys[at.index] !== place) return false;
    chunk.keys.splice(at.index, 1);
    chunk.values.splice(at.index, 1);
    if (chunk.keys.length === 0) this.#chunks.splice(at.chunk, 1);
    return true;
  }

  /** How many keys `range` holds. */
  count(range: KeyRange): number {
    let count = 0;
    for (const { from, to } of this.#slices(range)) count += to - from;
    return count;
  }

  /** The first `limit` values of `range` in order; all of them when `limit` is 0. */
  take(range: KeyRange, limit: number): V[] {
    const taken: V[] = [];
    const valuesMax = limit === 0 ? Infinity : limit;
    for (const { chunk, from, to } of this.#slices(range)) {
      const end = Math.min(to, from + valuesMax - taken.length);
      for (let index = from; index < end; index++) taken.push(chunk.values[index] as V);
      if (taken.length === valuesMax) break;
    }
    return taken;
  }

  *#slices(range: KeyRange): Generator<{ chunk: Chunk<V>; from: number; to: number }> {
    const start = byteOrder(range.start);
    const end = byteOrder(range.end);
    if (start >= end) return;
    const first = this.#position(start);
    const last = this.#position(end);
    for (let number = first.chunk; number <= last.chunk; number++) {
      const chunk = this.#chunks[number];
      if (chunk === undefined) return;
      const from = number === first.chunk ? first.index : 0;
      const to = number === last.chunk ? last.index : chunk.keys.length;
      yield { chunk, from, to };
    }
  }

  // Where `key` is or would be: in the last chunk that begins at or before it, at its end at most.
  #position(key: string): Position {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chunks[middle]?.keys[0] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    const chunk = Math.max(0, low - 1);
    return { chunk, index: lowerBound(chunks[chunk]?.keys ?? [], key) };
  }

  #insert(at: Position, key: string, value: V): void {
    const chunk = this.#chunks[at.chunk];
    if (chunk === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      return;
    }
    chunk.keys.splice(at.index, 0, key);
    chunk.values.splice(at.index, 0, value);
    if (chunk.keys.length <= chunkKeysMax) return;
    // Keys that arrive in ascending order leave full chunks behind, others leave halves.
    const isAppend = at.index === chunkKeysMax && at.chunk === this.#chunks.length - 1;
    const cut = isAppend ? chunkKeysMax : chunkKeysMax / 2;
    const rest = { keys: chunk.keys.splice(cut), values: chunk.values.splice(cut) };
    this.#chunks.splice(at.chunk + 1, 0, rest);
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
