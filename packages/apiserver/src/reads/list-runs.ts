import { type Clock, mappedBytes } from '@fairway/host';
import { byteOrder, type KeyRange, rangeTest, type StoreEntry } from '@fairway/store';
import { KeptBytes } from './kept-bytes.ts';

/**
 * The items of long lists as runs of joined JSON, kept between requests.
 *
 * Where a run begins depends on its first key alone, so a write touches one run and leaves its
 * neighbours as they were. A kept run is used only when it holds the very entries asked for, which
 * never change; so it cannot be stale, and nobody has to tell this cache of a write.
 */
export class ListRuns {
  readonly #runs = new Map<string, Run>();
  readonly #kept: KeptBytes<Run>;

  constructor({ clock, runsBytesMax = 256 * 1024 * 1024 }: ListRunsOptions) {
    const onDrop = (run: Run): void => void this.#runs.delete(run.name);
    this.#kept = new KeptBytes({ clock, bytesMax: runsBytesMax, idleMs: runsIdleMs, onDrop });
  }

  /** How many bytes are kept alive now: the runs and the values of the entries that they hold. */
  get bytes(): number {
    return this.#kept.bytes;
  }

  /**
   * The entries as comma-separated JSON items, in chunks of about a megabyte.
   *
   * Unit: `itemOffset` bytes at the start of each value are replaced by `{`; 0 keeps values whole.
   */
  *join(
    { entries, covered, isConverted = false }: ListedEntries,
    itemOffset: number,
  ): Generator<Uint8Array, void, undefined> {
    for (let start = 0; start < entries.length;) {
      const end = endOfRun(entries, start);
      const bytes = isConverted
        ? joinItems(entries, start, end, itemOffset)
        : this.#runBytes(entries, start, end, itemOffset);
      // Every run but the first brings its own leading comma.
      yield start === 0 ? bytes.subarray(1) : bytes;
      start = end;
    }
    if (covered !== undefined && !isConverted) this.#dropReplaced(entries, covered);
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
    if (known !== undefined && holds(known.entries, entries, start, end)) {
      this.#kept.touch(known);
      return known.bytes;
    }
    if (known !== undefined) this.#kept.drop(known);
    const bytes = joinItems(entries, start, end, itemOffset);
    const run = { name, entries: entries.slice(start, end), bytes };
    this.#runs.set(name, run);
    this.#kept.add(run, bytesOfRun(run));
    return bytes;
  }

  // What has been changed or deleted since would live on in its run.
  #dropReplaced(entries: readonly StoreEntry[], covered: KeyRange): void {
    const isCovered = rangeTest(covered);
    for (const run of this.#runs.values()) {
      const key = run.entries[0]?.key ?? '';
      if (!isCovered(key)) continue;
      const start = lowerBound(entries, key);
      if (!holds(run.entries, entries, start, start + run.entries.length)) this.#kept.drop(run);
    }
  }
}

/** The entries of one list, in the order of their keys. */
export interface ListedEntries {
  readonly entries: readonly StoreEntry[];
  /** The keys of which `entries` are all that is there now; absent when some may be missing. */
  readonly covered?: KeyRange;
  /** True when some are not those of the store, but were made for this list: nobody asks again. */
  readonly isConverted?: boolean;
}

export interface ListRunsOptions {
  readonly clock: Clock;
  /** How many bytes are kept alive. 256 MiB unless told. */
  readonly runsBytesMax?: number;
}

const runsIdleMs = 60_000;

interface Run {
  readonly name: string;
  readonly entries: readonly StoreEntry[];
  readonly bytes: Uint8Array;
}

// Counted in full, though the store may hold the same entries: deleted ones are held by this run
// only.
function bytesOfRun({ entries, bytes }: Run): number {
  return entries.reduce((sum, entry) => sum + entry.value.length, bytes.length);
}

function lowerBound(entries: readonly StoreEntry[], key: string): number {
  const place = byteOrder(key);
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byteOrder(entries[middle]?.key ?? '') < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Shorter runs cost less to join than to keep. */
const runEntriesMin = 16;
/** Average length of a run, a power of two: about a megabyte of pods. */
const runEntriesTarget = 256;
const runEntriesMax = 1024;
/** Of values together, unless one alone has more: a run is copied and sent in one go. */
const runBytesMax = 4 * 1024 * 1024;

function endOfRun(entries: readonly StoreEntry[], start: number): number {
  const limit = Math.min(entries.length, start + runEntriesMax);
  let sizeBytes = entries[start]?.value.length ?? 0;
  for (let at = start + 1; at < limit; at++) {
    const entry = entries[at];
    if (entry === undefined || startsRun(entry.key)) return at;
    sizeBytes += entry.value.length;
    if (sizeBytes > runBytesMax) return at;
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
  if (kept.length !== end - start || end > entries.length) return false;
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
  // Megabytes of all sizes would leave the heap in pieces: each is larger than what others left.
  const bytes = mappedBytes(size);
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
