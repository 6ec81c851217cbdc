import { readFileSync } from 'node:fs';
import { messageOf } from '@fairway/host';
import { JournalError, type JournalFailure } from './journal.ts';

interface Place {
  readonly directory: string;
  /** Names the process that has the store open. */
  readonly holderFile: string;
}

/** What the file holds is not what was written. */
export class DamagedStoreError extends JournalError {
  /** In what way, without the place and the remedy. */
  readonly finding: string;

  constructor(directory: string, finding: string) {
    super(`the store in ${directory} is damaged: ${finding}; ${damageRemedy}`, {
      kind: 'damaged',
      reason: 'its file is damaged',
    });
    this.finding = finding;
  }
}

const damageRemedy =
  '`fairway store check` says what is damaged, `fairway store repair` keeps what is whole; or restore the file from a backup';

/**
 * Says what a failure of SQLite or of the file system means for the store in `directory`, why, and
 * what to do about it.
 *
 * Source: https://www.sqlite.org/rescode.html
 */
export function describeSqliteFailure(error: unknown, place: Place): JournalError {
  if (error instanceof JournalError) return error;
  const cause = messageOf(error);
  const { directory } = place;
  const kind = kindOf(error);
  switch (kind) {
    case 'in use':
      return inUse(place);
    case 'full':
      return new JournalError(
        `no room for the write in ${directory}: the disk is full or the store has reached its largest size (${cause}); free some space or delete objects`,
        { kind, reason: 'the disk is full or the store has reached its largest size' },
      );
    case 'damaged':
      return new DamagedStoreError(directory, cause);
    case 'unusable':
      return new JournalError(
        `cannot use the data directory ${directory} (${cause}); make it and the files in it readable and writable for this user, or use another directory`,
        { kind, reason: 'its file is not readable and writable' },
      );
    case 'other':
      return new JournalError(`the store in ${directory} failed (${cause}); check the disk`, {
        kind,
        reason:
          'errcode' in Object(error) ? `the disk refuses it (${cause})` : 'the disk refuses it',
      });
  }
}

/** Somebody else has the store. */
export function inUse(place: Place): JournalError {
  return new JournalError(
    `the data directory ${place.directory} is in use by ${holder(place)}; stop that process or use another directory`,
    { kind: 'in use', reason: 'its file is in use by another process' },
  );
}

function kindOf(error: unknown): JournalFailure {
  if (!(error instanceof Error)) return 'other';
  if ('errcode' in error && typeof error.errcode === 'number') {
    // The low byte is the primary code, the rest refines it.
    const primary = kindsByResultCode[error.errcode & 0xff] ?? 'other';
    return error.errcode === shortRead ? 'damaged' : primary;
  }
  return 'code' in error ? (kindsBySystemCode[String(error.code)] ?? 'other') : 'other';
}

const shortRead = 522; // SQLITE_IOERR_SHORT_READ: the file ends before it should.

const kindsByResultCode: Readonly<Record<number, JournalFailure>> = {
  3: 'unusable', // SQLITE_PERM
  5: 'in use', // SQLITE_BUSY
  6: 'in use', // SQLITE_LOCKED
  8: 'unusable', // SQLITE_READONLY
  11: 'damaged', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'unusable', // SQLITE_CANTOPEN
  26: 'damaged', // SQLITE_NOTADB
};

const kindsBySystemCode: Readonly<Record<string, JournalFailure>> = {
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
  EFBIG: 'full',
  ERR_OUT_OF_RANGE: 'damaged', // A number in a row that no store wrote.
};

function holder({ holderFile }: Place): string {
  try {
    return `process ${readFileSync(holderFile, 'utf8').trim()}`;
  } catch {
    // The file only serves this message; whoever holds the store may not have written it yet.
    return 'another process';
  }
}
