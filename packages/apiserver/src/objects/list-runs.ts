import type { StoreEntry } from '@fairway/store';

/**
 * The items of long lists as runs of joined JSON, kept between requests.
 *
 * Where a run begins depends on its first key alone, so a write touches one run and leaves its
 * neighbours as they were. A kept run is used only when it holds the very entries asked for, which
 * never change; so it cannot be stale, and nobody has to tell this cache of a write.
 */
export class ListRuns {
  readonly #runs = new Map<string, Run>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(options: { readonly bytesMax?: number } = {}) {
    this.#bytesMax = options.bytesMax ?? 256 * 1024 * 1024;
  }

  /**
   * The entries as comma-separated JSON items, in chunks of about a megabyte.
   *
   * Unit: `itemOffset` bytes at the start of each value are replaced by `{`; 0 keeps values whole.
   */
  *join(entries: readonly StoreEntry[], itemOffset: number): Generator<Uint8Array> {
    for (let start = 0; start < entries.length;) {
      const end = endOfRun(entries, start);
      const bytes = this.#runBytes(entries, start, end, itemOffset);
      // Every run but the first brings its own leading comma.
      yield start === 0 ? bytes.subarray(1) : bytes;
      start = end;
    }
  }

  #runBytes(
    entries: readonly StoreEntry[],
    start: number,
    end: number,
    itemOffset: number,
  ): Uint8Array {
    if (end - start < runEntriesMin) return joinItems(entries, start, end, itemOffset);
    const name = `${itemOffset} ${entries[start]?.key}`;
    const known = this.#runs.get(name);
    if (known !== undefined && holds(known.entries, entries, start, end)) return known.bytes;
    const run = {
      entries: entries.slice(start, end),
      bytes: joinItems(entries, start, end, itemOffset),
    };
    this.#keep(name, run, known);
    return run.bytes;
  }

  #keep(name: string, run: Run, replaced: Run | undefined): void {
    this.#runs.delete(name);
    this.#runs.set(name, run);
    this.#bytes += run.bytes.length - (replaced?.bytes.length ?? 0);
    for (const [oldest, dropped] of this.#runs) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#runs.delete(oldest);
      this.#bytes -= dropped.bytes.length;
    }
  }
}

interface Run {
  readonly entries: readonly StoreEntry[];
  readonly bytes: Uint8Array;
}

/** Shorter runs cost less to join than to keep. */
const runEntriesMin = 16;
/** Average length of a run, a power of two: about a megabyte of pods. */
const runEntriesTarget = 256;
const runEntriesMax = 1024;

function endOfRun(entries: readonly StoreEntry[], start: number): number {
  const limit = Math.min(entries.length, start + runEntriesMax);
  for (let at = start + 1; at < limit; at++) {
    const entry = entries[at];
    if (entry !== undefined && startsRun(entry.key)) return at;
  }
  return limit;
}

function startsRun(key: string): boolean {
  let hash = 0;
  for (let at = Math.max(0, key.length - 24); at < key.length; at++) {
    hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  }
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 16) % runEntriesTarget === 0;
}

function holds(
  kept: readonly StoreEntry[],
  entries: readonly StoreEntry[],
  start: number,
  end: number,
): boolean {
  if (kept.length !== end - start) return false;
  for (let at = 0; at < kept.length; at++) if (kept[at] !== entries[start + at]) return false;
  return true;
}

const comma = 0x2c;
const brace = 0x7b;

function joinItems(
  entries: readonly StoreEntry[],
  start: number,
  end: number,
  itemOffset: number,
): Uint8Array {
  let size = 0;
  for (let at = start; at < end; at++) size += itemSize(entries[at], itemOffset) + 1;
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  for (let at = start; at < end; at++) {
    const entry = entries[at];
    if (entry === undefined) continue;
    bytes[filled++] = comma;
    if (itemOffset > 0) bytes[filled++] = brace;
    bytes.set(itemOffset > 0 ? entry.value.subarray(itemOffset) : entry.value, filled);
    filled += entry.value.length - itemOffset;
  }
  return bytes;
}

function itemSize(entry: StoreEntry | undefined, itemOffset: number): number {
  if (entry === undefined) return 0;
  return entry.value.length - itemOffset + (itemOffset > 0 ? 1 : 0);
}
