import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal.ts';
import { DamagedStoreError } from './sqlite-failure.ts';
import { createFormat, formatOf, pageBytes } from './sqlite-format.ts';

/** The files of a store. */
export function filesOf(directory: string): {
  readonly database: string;
  /** What was committed and not yet moved into the database. */
  readonly log: string;
  /** A store on its way: it becomes `database` when it is complete. */
  readonly draft: string;
  readonly holder: string;
} {
  const database = join(directory, 'store.sqlite');
  return {
    database,
    log: `${database}-wal`,
    draft: `${database}.new`,
    holder: join(directory, 'store.pid'),
  };
}

/**
 * Makes an empty store where there is none. A crash leaves the whole of it or nothing, so that an
 * empty file is never one that was about to become a store.
 */
export function createIfMissing(directory: string): void {
  const { database, log } = filesOf(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (sizeOf(database) !== undefined) return;
  if (sizeOf(log) !== undefined) {
    throw new DamagedStoreError(directory, 'store.sqlite is gone, and store.sqlite-wal is there');
  }
  writeDraft(directory, () => publishDraft(directory));
  // The name must survive a loss of power as well as the bytes do.
  for (const path of [directory, dirname(directory)]) syncPath(path);
}

/** Writes a store that `fill` fills, with the draft locked until that has returned. */
export function writeDraft(directory: string, fill: (database: DatabaseSync) => void): void {
  const { draft } = filesOf(directory);
  createEmpty(draft);
  const database = openDatabase(draft);
  try {
    database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA synchronous = FULL`);
    takeLock(database);
    if (formatOf(database) === 'none') createFormat(database);
    fill(database);
  } finally {
    database.close();
  }
}

/**
 * Makes the draft the store, unless there is one by now. Only for the holder of the draft's lock: of
 * two processes that begin at the same time, the one that comes later to the lock then finds the
 * store of the other, and does not put its own in the place.
 */
export function publishDraft(directory: string): void {
  const { draft, database } = filesOf(directory);
  if (sizeOf(database) === undefined) renameSync(draft, database);
  else removeFile(draft);
}

// Closing a file frees every lock that this process has on it, so it is opened only while new.
function createEmpty(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** Opens the file as it is, and keeps every other process out of it. */
export function connect(directory: string): DatabaseSync {
  const { database: file } = filesOf(directory);
  const sizeBytes = sizeOf(file);
  if (sizeBytes === undefined) {
    throw new JournalError(`there is no store in ${directory}`, {
      kind: 'unusable',
      reason: 'it has no file',
    });
  }
  // SQLite would take it for a new one.
  if (sizeBytes < pageBytes)
    throw new DamagedStoreError(directory, `store.sqlite has ${sizeBytes} bytes`);
  const database = openDatabase(file);
  try {
    takeLock(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

// Importing it by name would load SQLite wherever this package is imported, and Node 22 warns of it.
function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync: Database } = process.getBuiltinModule('node:sqlite');
  return new Database(file);
}

// The kernel frees this lock however the process ends, so a crash leaves nothing to clean up.
function takeLock(database: DatabaseSync): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
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
