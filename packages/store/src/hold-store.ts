import { writeFileSync } from 'node:fs';
import { lockFile } from '@fairway/host/sqlite';
import { filesOf, removeFile } from './sqlite-connection.ts';
import { inUse } from './sqlite-failure.ts';

/**
 * Takes hold of the store in a directory, until it is disposed of: a server while it runs, and who
 * checks or repairs the store, from the first look at its file to the last. The database's own lock
 * is not enough for that: a damaged file cannot be locked, and a repair puts another in its place.
 *
 * Errors: `JournalError` when somebody has it, in this process or in another.
 */
export function holdStore(directory: string): Disposable {
  const { lock: path, holder } = filesOf(directory);
  const lock = lockFile(path);
  if (lock === undefined) throw inUse({ directory, holderFile: holder });
  const release = (): void => {
    using _lock = lock;
    removeFile(holder);
  };
  try {
    writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    release();
    throw error;
  }
  return { [Symbol.dispose]: release };
}
