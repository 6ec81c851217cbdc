import { checksumOf, emptySum, type RowSum, stateChecksum, withRow } from './row-checksum.ts';
import { filesOf, sizeOf } from './sqlite-connection.ts';
import { rootPages } from './sqlite-format.ts';
import {
  freePages,
  PageFile,
  readStrayPage,
  readTree,
  type SqliteValue,
  type TreeReading,
} from './sqlite-pages.ts';
import type { StoreEntry } from './store.ts';

/** What a damaged file still holds. */
export interface Salvage {
  /** What is as it was written. */
  readonly entries: ReadonlyMap<string, StoreEntry>;
  /** The keys of what is not. */
  readonly lost: readonly string[];
  /** How many objects more were lost, whose keys are lost as well. */
  readonly lostWithoutKey: number;
  /** The newest revision; undefined when the file does not know it any more. */
  readonly revision: number | undefined;
  /** Whether the rows carry checksums: those of the former format are taken as they are. */
  readonly isVerified: boolean;
}

/**
 * Reads all rows of a file that are whole, page by page, because what is damaged may be the way
 * that leads to them.
 */
export function salvage(directory: string): Salvage {
  const files = filesOf(directory);
  if (sizeOf(files.database) === undefined) return nothing;
  using file = new PageFile(files);
  const rows = readTree(file, rootPages.entries);
  const index = readTree(file, rootPages.keyIndex);
  const state = readState(readTree(file, rootPages.state).records);
  const found = new Findings();
  for (const record of rows.records) found.take(record);
  if (!rows.isWhole) for (const record of strayRecords(file, rows, index)) found.take(record);
  // Where the index is whole, it says what there is, and what was deleted is not found again.
  const keys = index.isWhole ? keysOf(index) : undefined;
  if (keys !== undefined && !found.isComplete(state)) found.keepOnly(keys);
  if (found.isComplete(state))
    return { ...found.whole(), lost: [], lostWithoutKey: 0, revision: state?.revision };
  const known = keys ?? new Set([...keysOf(index), ...found.damaged]);
  const lost = [...known].filter((key) => !found.entries.has(key)).sort();
  const missing = state === undefined ? 0 : state.sum.count - found.entries.size - lost.length;
  return {
    ...found.whole(),
    lost,
    lostWithoutKey: Math.max(0, missing),
    revision: state?.revision,
  };
}

const nothing: Salvage = {
  entries: new Map(),
  lost: [],
  lostWithoutKey: 0,
  revision: undefined,
  isVerified: true,
};

/** Whether there is anything in a file to be kept. */
export function isHopeless({ entries, revision }: Salvage): boolean {
  return entries.size === 0 && revision === undefined;
}

interface FileState {
  readonly revision: number;
  readonly sum: RowSum;
}

/** The rows found so far, the newest of each key. */
class Findings {
  readonly entries = new Map<string, StoreEntry>();
  readonly damaged = new Set<string>();
  #isVerified = true;

  take(record: readonly SqliteValue[]): void {
    const [key, revision, createRevision, value, checksum, expiresAt] = record;
    if (typeof key !== 'string' || key === '') return;
    const numbers = [revision, createRevision].map(Number);
    const [at = 0, createdAt = 0] = numbers;
    if (!numbers.every(Number.isSafeInteger) || !(value instanceof Uint8Array)) {
      if (record.length >= 4) this.damaged.add(key);
      return;
    }
    const expiry = typeof expiresAt === 'number' ? { expiresAt } : {};
    const entry = { key, revision: at, createRevision: createdAt, value, ...expiry };
    if (record.length === 4) this.#isVerified = false;
    else if (checksum !== checksumOf(entry)) {
      this.damaged.add(key);
      return;
    }
    const other = this.entries.get(key);
    if (other === undefined || other.revision < entry.revision) this.entries.set(key, entry);
  }

  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.entries.keys()) if (!keys.has(key)) this.entries.delete(key);
  }

  isComplete(state: FileState | undefined): boolean {
    if (state === undefined) return false;
    let sum = emptySum;
    for (const entry of this.entries.values()) sum = withRow(sum, checksumOf(entry));
    return sum.count === state.sum.count && sum.digest === state.sum.digest;
  }

  whole(): Pick<Salvage, 'entries' | 'isVerified'> {
    return { entries: this.entries, isVerified: this.#isVerified };
  }
}

function* strayRecords(
  file: PageFile,
  rows: TreeReading,
  index: TreeReading,
): Generator<readonly SqliteValue[]> {
  const free = freePages(file);
  for (let page = 1; page <= file.pageCount; page++) {
    if (rows.pages.has(page) || index.pages.has(page) || free.has(page)) continue;
    if (page !== rootPages.state) yield* readStrayPage(file, page);
  }
}

function keysOf(index: TreeReading): ReadonlySet<string> {
  return new Set(
    index.records.flatMap(([key, rowid]) =>
      typeof key === 'string' && typeof rowid === 'number' ? [key] : [],
    ),
  );
}

function readState(records: TreeReading['records']): FileState | undefined {
  const [revision, count, digest, checksum] = records[0] ?? [];
  if (records.length !== 1 || typeof revision !== 'number') return undefined;
  const sum = { count: Number(count), digest: Number(digest) };
  return checksum === stateChecksum(revision, sum) ? { revision, sum } : undefined;
}

const namesMax = 5;

/** Names the objects that were lost, a few of many. */
export function describeLoss(found: Salvage): string {
  if (isHopeless(found)) return 'nothing in it can be read';
  const { lost, lostWithoutKey } = found;
  const count = lost.length + lostWithoutKey;
  if (count === 0) return 'no object is lost';
  const named = lost.slice(0, namesMax).join(', ');
  if (named === '') return `${count} objects are lost, and their names`;
  const others = count - Math.min(lost.length, namesMax);
  return others === 0 ? `lost: ${named}` : `lost: ${named} and ${others} more`;
}
