import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type EntryPage, type PageEntry, unpackPage } from './entry-page.ts';
import { JournalError } from './journal.ts';
import { describeSqliteFailure } from './sqlite-failure.ts';
import type { SqliteWorkerData } from './sqlite-messages.ts';

const applicationId = 0x46_57_59_31; // "FWY1"
const formatVersion = 1;
const pageBytes = 8_192;
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
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #setRevision: StatementSync;

  private constructor(directory: string, database: DatabaseSync) {
    this.#directory = directory;
    this.#database = database;
    this.#put = database.prepare(
      `INSERT INTO entries (key, revision, create_revision, value) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET
         revision = excluded.revision,
         create_revision = excluded.create_revision,
         value = excluded.value`,
    );
    this.#remove = database.prepare('DELETE FROM entries WHERE key = ?');
    this.#setRevision = database.prepare('UPDATE state SET revision = ?');
  }

  /** Opens or makes the file and keeps every other process out of it. */
  static open({ directory, fileBytesMax }: SqliteWorkerData): SqliteDatabase {
    let database: DatabaseSync | undefined;
    try {
      const file = join(directory, 'store.sqlite');
      makePrivateFile(file);
      database = new DatabaseSync(file);
      lock(database);
      prepareFormat(database, file);
      database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(fileBytesMax / pageBytes))}`);
      writeFileSync(holderFile(directory), `${process.pid}\n`, { mode: 0o600 });
      return new SqliteDatabase(directory, database);
    } catch (error) {
      database?.close();
      throw failureOf(error, directory);
    }
  }

  revision(): number {
    try {
      const row = this.#database.prepare('SELECT revision FROM state').get();
      if (typeof row?.['revision'] === 'number') return row['revision'];
    } catch (error) {
      throw failureOf(error, this.#directory);
    }
    throw damaged(this.#directory, 'it does not know its revision');
  }

  /** Everything that is stored, about a mebibyte at a time. */
  *pages(): Generator<PageEntry[]> {
    let page: PageEntry[] = [];
    let sizeBytes = 0;
    try {
      const rows = this.#database
        .prepare('SELECT key, revision, create_revision, value FROM entries ORDER BY key')
        .iterate();
      for (const row of rows) {
        const entry = decodeRow(row);
        if (entry === undefined) throw damaged(this.#directory, 'a row is not an entry');
        page.push(entry);
        sizeBytes += rowBytes + entry.key.length + (entry.value?.length ?? 0);
        if (sizeBytes < loadPageBytesMax) continue;
        yield page;
        page = [];
        sizeBytes = 0;
      }
    } catch (error) {
      throw failureOf(error, this.#directory);
    }
    yield page;
  }

  /** Writes all changes of `page` or none; on disk when it returns. */
  commit(page: EntryPage): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const { key, revision, createRevision, value } of unpackPage(page)) {
        if (value === undefined) this.#remove.run(key);
        else this.#put.run(key, revision, createRevision, value);
      }
      this.#setRevision.run(page.revisions.at(-1) ?? 0);
      this.#database.exec('COMMIT');
    } catch (error) {
      const failure = failureOf(error, this.#directory);
      if (!failure.isFinal) this.#rollBack();
      throw failure;
    }
  }

  close(): void {
    try {
      this.#database.close();
      rmSync(holderFile(this.#directory), { force: true });
    } catch (error) {
      throw failureOf(error, this.#directory);
    }
  }

  // SQLite may have rolled back already.
  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch (error) {
      throw failureOf(error, this.#directory, { isFinal: true });
    }
  }
}

function makePrivateFile(file: string): void {
  const directory = dirname(file);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    // A file that is there must not be opened here: closing it would release the lock that another
    // store of this process may hold on it.
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
  // The name must survive a loss of power as well as the bytes do.
  for (const path of [directory, dirname(directory)]) {
    const handle = openSync(path, 'r');
    fsyncSync(handle);
    closeSync(handle);
  }
}

// The kernel frees this lock however the process ends, so a crash leaves nothing to clean up.
function lock(database: DatabaseSync): void {
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA page_size = ${pageBytes};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = 67108864;
    BEGIN EXCLUSIVE;
    COMMIT;
  `);
}

function prepareFormat(database: DatabaseSync, file: string): void {
  const id = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (id === applicationId && version === formatVersion) return;
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get();
  if (id !== 0 || version !== 0 || tables?.['count'] !== 0) {
    const what =
      id === applicationId
        ? `has format ${String(version)}, and this version reads format ${formatVersion}`
        : 'is a database of another program';
    throw new JournalError(`${file} ${what}; use another directory`, { isFinal: true });
  }
  database.exec(`
    BEGIN;
    CREATE TABLE entries (
      key TEXT NOT NULL UNIQUE,
      revision INTEGER NOT NULL,
      create_revision INTEGER NOT NULL,
      value BLOB NOT NULL
    ) STRICT;
    CREATE TABLE state (revision INTEGER NOT NULL) STRICT;
    INSERT INTO state VALUES (1);
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${formatVersion};
    COMMIT;
  `);
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

function decodeRow(row: Record<string, unknown>): PageEntry | undefined {
  const { key, revision, create_revision: createRevision, value } = row;
  if (
    typeof key !== 'string' ||
    typeof revision !== 'number' ||
    typeof createRevision !== 'number' ||
    !(value instanceof Uint8Array)
  ) {
    return undefined;
  }
  return { key, revision, createRevision, value };
}

function damaged(directory: string, why: string): JournalError {
  const remedy = 'restore store.sqlite from a backup, or move it away to start empty';
  return new JournalError(`the store in ${directory} is damaged (${why}); ${remedy}`, {
    isFinal: true,
  });
}

function holderFile(directory: string): string {
  return join(directory, 'store.pid');
}

function failureOf(
  error: unknown,
  directory: string,
  { isFinal = false }: { isFinal?: boolean } = {},
): JournalError {
  if (error instanceof JournalError) return error;
  const failure = describeSqliteFailure(error, { directory, holderFile: holderFile(directory) });
  return new JournalError(failure.message, { isFinal: isFinal || failure.isFinal });
}
