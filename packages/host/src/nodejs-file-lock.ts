import { accessSync, closeSync, constants, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { loadSqlite } from './nodejs-sqlite.ts';

/** Two that try at the same instant can hold each other off; both look again for so long. */
const lockWaitMs = 100;

/**
 * Takes the lock of a file through SQLite, as Node.js offers no other lock that the kernel frees
 * when its process ends. The file stays empty, and stays behind: removing it would let two others
 * hold two files of the same name.
 *
 * Source: https://www.sqlite.org/lockingv3.html
 */
export function lockFile(path: string): (Disposable & AsyncDisposable) | undefined {
  createIfMissing(path);
  // Of a file that may only be read SQLite would take a lock that others can take as well.
  accessSync(path, constants.R_OK | constants.W_OK);
  const { DatabaseSync: Database } = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new Database(path);
    database.exec(`PRAGMA busy_timeout = ${lockWaitMs}; BEGIN EXCLUSIVE`);
  } catch (error) {
    database?.close();
    if (isHeld(error)) return undefined;
    throw new Error(`${path} cannot be locked`, { cause: error });
  }
  const held = database;
  return {
    [Symbol.dispose]: () => held.close(),
    [Symbol.asyncDispose]: async () => held.close(),
  };
}

// Closing a file frees every lock that this process has on it, so it is opened only while new.
function createIfMissing(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function isHeld(error: unknown): boolean {
  const isSqlite = error instanceof Error && 'errcode' in error;
  return isSqlite && (Number(error.errcode) & 0xff) === busy;
}

const busy = 5; // SQLITE_BUSY
