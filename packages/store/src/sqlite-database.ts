import { mkdirSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type EntryPage, type KeyState, unpackPage } from './entry-page.ts';
import { holdStore } from './hold-store.ts';
import { JournalError } from './journal.ts';
import { byteOrder } from './key-order.ts';
import {
  checksumOf,
  emptySum,
  type RowSum,
  stateChecksum,
  withRow,
  withoutRow,
} from './row-checksum.ts';
import { connect, createIfMissing, filesOf } from './sqlite-connection.ts';
import { DamagedStoreError, describeSqliteFailure } from './sqlite-failure.ts';
import {
  decodeRow,
  formatOf,
  pageBytes,
  readState,
  type StoredState,
  upgradeFormat,
} from './sqlite-format.ts';
import type { SqliteWorkerData } from './sqlite-messages.ts';
import type { StoreEntry } from './store.ts';

const loadPageBytesMax = 1024 * 1024;
// What an entry costs besides its key and value, roughly: it keeps pages of tiny entries short.
const rowBytes = 64;

/**
 * The file: what every key holds now, and the newest revision. History is kept in memory only.
 *
 * Errors: `JournalError` from every method.
 */
export class SqliteDatabase {
  readonly #directory: string;
  readonly #hold: Disposable;
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #remove: StatementSync;
  readonly #setState: StatementSync;
  readonly #setRoom: StatementSync;
  #state: StoredState;

  private constructor(directory: string, hold: Disposable, database: DatabaseSync) {
    this.#directory = directory;
    this.#hold = hold;
    this.#database = database;
    this.#find = database.prepare('SELECT rowid, checksum FROM entries WHERE key = ?');
    this.#insert = database.prepare(
      `INSERT INTO entries (revision, create_revision, value, checksum, expires_at, key)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      `UPDATE entries SET revision = ?, create_revision = ?, value = ?, checksum = ?, expires_at = ?
       WHERE rowid = ?`,
    );
    this.#remove = database.prepare('DELETE FROM entries WHERE rowid = ?');
    this.#setState = database.prepare(
      'UPDATE state SET revision = ?, entry_count = ?, entry_digest = ?, checksum = ?',
    );
    this.#setRoom = database.prepare('UPDATE state SET room = zeroblob(?)');
    const state = readState(database);
    if (state === undefined)
      throw new DamagedStoreError(directory, 'it does not know its revision');
    this.#state = state;
  }

  /** Opens or makes the file and keeps every other process out of it. */
  static open({
    directory,
    fileBytesMax,
    survivesPowerLoss = true,
    wipesDeleted = false,
  }: SqliteWorkerData): SqliteDatabase {
    let hold: Disposable | undefined;
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      hold = holdStore(directory);
      createIfMissing(directory, { survivesPowerLoss });
      database = connect(directory);
      requireFormat(database, directory);
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = ${survivesPowerLoss ? 'FULL' : 'OFF'};
        PRAGMA secure_delete = ${wipesDeleted ? 'ON' : 'OFF'};
        PRAGMA journal_size_limit = 67108864;
        PRAGMA max_page_count = ${Math.max(1, Math.floor(fileBytesMax / pageBytes))};
      `);
      return new SqliteDatabase(directory, hold, database);
    } catch (error) {
      database?.close();
      hold?.[Symbol.dispose]();
      throw failureOfReading(error, directory);
    }
  }

  get revision(): number {
    return this.#state.revision;
  }

  /** Everything that is stored, about a mebibyte at a time; fails unless all of it is what was written. */
  *pages(): Generator<StoreEntry[]> {
    let page: StoreEntry[] = [];
    let sizeBytes = 0;
    try {
      for (const entry of wholeEntries(this.#database, this.#directory, this.#state.sum)) {
        page.push(entry);
        sizeBytes += rowBytes + entry.key.length + entry.value.length;
        if (sizeBytes < loadPageBytesMax) continue;
        yield page;
        page = [];
        sizeBytes = 0;
      }
    } catch (error) {
      throw failureOfReading(error, this.#directory);
    }
    yield page;
  }

  /** Writes all changes of `page` or none; on disk when it returns, at `revision`. */
  commit(page: EntryPage, revision: number): void {
    this.#inTransaction(() => {
      let { sum } = this.#state;
      for (const state of unpackPage(page)) sum = this.#write(state, sum);
      return { revision, sum };
    });
  }

  /** Proves that `sizeBytes` can be written, by writing and removing as much. */
  makeRoom(sizeBytes: number): void {
    for (const roomBytes of [sizeBytes, 0]) {
      this.#inTransaction(() => {
        this.#setRoom.run(roomBytes);
        return this.#state;
      });
    }
  }

  /**
   * Moves what the log holds into the file and begins the log anew: nothing depends any more on a
   * write to it that the disk may have lost.
   */
  emptyLog(): void {
    try {
      const outcome = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      if (outcome?.['busy'] !== 0) throw new Error('the log cannot be emptied');
    } catch (error) {
      throw this.#failureOf(error);
    }
  }

  close(): void {
    try {
      using _held = this.#hold;
      this.#database.close();
    } catch (error) {
      throw this.#failureOf(error);
    }
  }

  // Answers what all rows sum up to then.
  #write({ key, entry }: KeyState, sum: RowSum): RowSum {
    // Of a key that begins after all that the file knows there is no row.
    const isNew = entry !== undefined && entry.createRevision > this.#state.revision;
    const before = isNew ? undefined : this.#find.get(key);
    const { rowid = null, checksum: checksumBefore } = before ?? {};
    const rest = before === undefined ? sum : withoutRow(sum, Number(checksumBefore));
    if (entry === undefined) {
      this.#remove.run(rowid);
      return rest;
    }
    const { revision, createRevision, value, expiresAt = null } = entry;
    const checksum = checksumOf(entry);
    const columns = [revision, createRevision, value, checksum, expiresAt] as const;
    if (before === undefined) this.#insert.run(...columns, key);
    else this.#update.run(...columns, rowid);
    return withRow(rest, checksum);
  }

  #inTransaction(write: () => StoredState): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const { revision, sum } = write();
      this.#setState.run(revision, sum.count, sum.digest, stateChecksum(revision, sum));
      this.#database.exec('COMMIT');
      this.#state = { revision, sum };
    } catch (error) {
      const failure = this.#failureOf(error);
      if (failure.kind === 'full') this.#rollBack();
      throw failure;
    }
  }

  // SQLite may have rolled back already.
  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch (error) {
      const { message, reason } = this.#failureOf(error);
      throw new JournalError(message, { kind: 'other', reason });
    }
  }

  #failureOf(error: unknown): JournalError {
    return failureOf(error, this.#directory);
  }
}

/**
 * All entries in the order of their keys, each of them verified, and that none is missing.
 *
 * Errors: `JournalError` for the first thing that is not what was written.
 */
export function* wholeEntries(
  database: DatabaseSync,
  directory: string,
  expected: RowSum,
): Generator<StoreEntry> {
  let sum = emptySum;
  let last = '';
  const rows = database.prepare('SELECT * FROM entries ORDER BY key').iterate();
  for (const row of rows) {
    const { entry, checksum } = decodeRow(row) ?? {};
    if (entry === undefined) throw new DamagedStoreError(directory, 'a row is not an entry');
    if (checksum !== checksumOf(entry)) {
      throw new DamagedStoreError(directory, `${entry.key} is not what was written`);
    }
    const place = byteOrder(entry.key);
    if (place <= last) throw new DamagedStoreError(directory, `${entry.key} is not in its place`);
    last = place;
    sum = withRow(sum, checksum);
    yield entry;
  }
  if (sum.count !== expected.count || sum.digest !== expected.digest) {
    throw new DamagedStoreError(directory, `${sum.count} of ${expected.count} objects are there`);
  }
  requireSoundPages(database, directory);
}

/** Errors: `JournalError` when the pages of the file do not fit together. */
export function requireSoundPages(database: DatabaseSync, directory: string): void {
  const [first] = database.prepare('PRAGMA quick_check(1)').all();
  const finding = String(first?.['quick_check'] ?? 'nothing was checked');
  if (finding !== 'ok') throw new DamagedStoreError(directory, finding);
}

function requireFormat(database: DatabaseSync, directory: string): void {
  const format = formatOf(database);
  if (format === 'current') return;
  const { database: file } = filesOf(directory);
  if (format === 'former') {
    requireSoundPages(database, directory);
    if (upgradeFormat(database)) return;
    throw new DamagedStoreError(directory, 'a row is not an entry');
  }
  if (format === 'none') throw new DamagedStoreError(directory, 'its tables are gone');
  const what =
    format === 'foreign'
      ? 'is a database of another program, or its first page is damaged (`fairway store check` says more)'
      : `has format ${format.version}, which this version does not know`;
  throw new JournalError(`${file} ${what}; use another directory`, {
    kind: 'unusable',
    reason: 'its file is not one of this version',
  });
}

function failureOf(error: unknown, directory: string): JournalError {
  return describeSqliteFailure(error, { directory, holderFile: filesOf(directory).holder });
}

// Our statements are right: what SQLite cannot make sense of when it reads is the file's fault.
function failureOfReading(error: unknown, directory: string): JournalError {
  const isNonsense = error instanceof Error && 'errcode' in error && error.errcode === 1;
  return isNonsense ? new DamagedStoreError(directory, error.message) : failureOf(error, directory);
}
