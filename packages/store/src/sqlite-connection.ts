import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { loadSqlite } from '@fairway/host/sqlite';
import { JournalError } from './journal.ts';
import { DamagedStoreError } from './sqlite-failure.ts';
import { createFormat, pageBytes } from './sqlite-format.ts';

/** The files of a store. */
export function filesOf(directory: string): {
  readonly database: string;
  /** What was committed and not yet moved into the database. */
  readonly log: string;
  /** A store on its way: it becomes `database` when it is complete. */
  readonly draft: string;
  /** Locked by whoever has the store. */
  readonly lock: string;
  /** Says who that is. */
  readonly holder: string;
} {
  const database = join(directory, 'store.sqlite');
  return {
    database,
    log: `${database}-wal`,
    draft: `${database}.new`,
    lock: join(directory, 'store.lock'),
    holder: join(directory, 'store.pid'),
  };
}

/**
 * Makes an empty store where there is none. A crash leaves the whole of it or nothing, so that an
 * empty file is never one that was about to become a store. For its holder only.
 */
export function createIfMissing(
  directory: string,
  { survivesPowerLoss }: { readonly survivesPowerLoss: boolean },
): void {
  const { database, log, draft } = filesOf(directory);
  if (sizeOf(database) !== undefined) return;
  if (sizeOf(log) !== undefined) {
    throw new DamagedStoreError(directory, 'store.sqlite is gone, and store.sqlite-wal is there');
  }
  writeDraft(directory, () => undefined, survivesPowerLoss);
  renameSync(draft, database);
  if (!survivesPowerLoss) return;
  // The name must survive a loss of power as well as the bytes do.
  for (const path of [directory, dirname(directory)]) syncPath(path);
}

/** Writes a store that `fill` fills, beside the one that is there. For its holder only. */
export function writeDraft(
  directory: string,
  fill: (database: DatabaseSync) => void,
  survivesPowerLoss = true,
): void {
  const { draft } = filesOf(directory);
  // One whose making was interrupted.
  removeFile(draft);
  closeSync(openSync(draft, 'wx', 0o600));
  const database = openDatabase(draft);
  try {
    database.exec(
      `PRAGMA page_size = ${pageBytes}; PRAGMA synchronous = ${survivesPowerLoss ? 'FULL' : 'OFF'}`,
    );
    createFormat(database);
    fill(database);
  } finally {
    database.close();
  }
}

/** Errors: `JournalError` when there is no store. Answers how large its file is. */
export function requireStore(directory: string): number {
  const sizeBytes = sizeOf(filesOf(directory).database);
  if (sizeBytes !== undefined) return sizeBytes;
  throw new JournalError(`there is no store in ${directory}`, {
    kind: 'unusable',
    reason: 'it has no file',
  });
}

/** Opens the file as it is, and keeps every other program out of it. For its holder only. */
export function connect(directory: string): DatabaseSync {
  const { database: file } = filesOf(directory);
  const sizeBytes = requireStore(directory);
  // SQLite would take it for a new one.
  if (sizeBytes < pageBytes)
    throw new DamagedStoreError(directory, `store.sqlite has ${sizeBytes} bytes`);
  const database = openDatabase(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync: Database } = loadSqlite();
  return new Database(file);
}

/** How large a file is; undefined when it is not there. Opening it would free its lock. */
export function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}

export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

export function removeFile(file: string): void {
  rmSync(file, { force: true });
}
