import { readFileSync } from 'node:fs';

interface Place {
  readonly directory: string;
  /** Names the process that has the store open. */
  readonly holderFile: string;
}

/**
 * Says what a failure of SQLite or of the file system means for the store in `directory`, why, and
 * what to do about it.
 *
 * Source: https://www.sqlite.org/rescode.html
 */
export function describeSqliteFailure(
  error: unknown,
  place: Place,
): { message: string; isFinal: boolean } {
  const cause = error instanceof Error ? error.message : String(error);
  const { directory } = place;
  switch (reasonOf(error)) {
    case 'in use':
      return {
        message: `the data directory ${directory} is in use by ${holder(place)}; stop that process or use another directory`,
        isFinal: true,
      };
    case 'full':
      return {
        message: `no room for the write in ${directory}: the disk is full or the store has reached its largest size (${cause}); free some space or delete objects`,
        isFinal: false,
      };
    case 'damaged':
      return {
        message: `the store in ${directory} is damaged (${cause}); restore store.sqlite from a backup, or move it away to start empty`,
        isFinal: true,
      };
    case 'unusable':
      return {
        message: `cannot use the data directory ${directory} (${cause}); make it and the files in it readable and writable for this user, or use another directory`,
        isFinal: true,
      };
    case 'other':
      return {
        message: `the store in ${directory} failed (${cause}); check the disk, then start again`,
        isFinal: true,
      };
  }
}

type Reason = 'in use' | 'full' | 'damaged' | 'unusable' | 'other';

function reasonOf(error: unknown): Reason {
  if (!(error instanceof Error)) return 'other';
  if ('errcode' in error && typeof error.errcode === 'number') {
    // The low byte is the primary code, the rest refines it.
    return reasonsByResultCode[error.errcode & 0xff] ?? 'other';
  }
  return 'code' in error ? (reasonsBySystemCode[String(error.code)] ?? 'other') : 'other';
}

const reasonsByResultCode: Readonly<Record<number, Reason>> = {
  3: 'unusable', // SQLITE_PERM
  5: 'in use', // SQLITE_BUSY
  6: 'in use', // SQLITE_LOCKED
  8: 'unusable', // SQLITE_READONLY
  11: 'damaged', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'unusable', // SQLITE_CANTOPEN
  26: 'damaged', // SQLITE_NOTADB
};

const reasonsBySystemCode: Readonly<Record<string, Reason>> = {
  EACCES: 'unusable',
  EPERM: 'unusable',
  EROFS: 'unusable',
  ENOTDIR: 'unusable',
  EISDIR: 'unusable',
  ENOENT: 'unusable',
  ENAMETOOLONG: 'unusable',
  ELOOP: 'unusable',
  EEXIST: 'unusable',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

function holder({ holderFile }: Place): string {
  try {
    return `process ${readFileSync(holderFile, 'utf8').trim()}`;
  } catch {
    // The file only serves this message; whoever holds the store may not have written it yet.
    return 'another process';
  }
}
