import { constants, copyFileSync, renameSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { holdStore } from './hold-store.ts';
import { JournalError } from './journal.ts';
import { checksumOf, emptySum, withRow } from './row-checksum.ts';
import { isHopeless, type Salvage, salvage } from './salvage.ts';
import {
  connect,
  filesOf,
  removeFile,
  requireStore,
  sizeOf,
  syncPath,
  writeDraft,
} from './sqlite-connection.ts';
import { requireSoundPages, wholeEntries } from './sqlite-database.ts';
import { DamagedStoreError, describeSqliteFailure } from './sqlite-failure.ts';
import { formatOf, readState, writeState } from './sqlite-format.ts';
import { unavailable } from './group-commit.ts';

/** What `checkSqliteStore` found. */
export interface StoreFindings {
  readonly directory: string;
  /** What is wrong with the file; undefined when it is whole. */
  readonly damage: string | undefined;
  /** How many objects are as they were written. */
  readonly wholeCount: number;
  /** The keys of the others. */
  readonly lost: readonly string[];
  /** How many of the others have lost their key too. */
  readonly lostWithoutKey: number;
  /** False for a file that an earlier version wrote, without checksums. */
  readonly isVerified: boolean;
}

export interface StoreRepair extends StoreFindings {
  /** Where the file lies that was damaged; undefined when nothing was to be done. */
  readonly setAside: string | undefined;
}

// When the file has forgotten its revision: more than a server writes between two looks at it.
const revisionJump = 1_000_000;

/**
 * Reads a store and says what of it is not what was written. A log that a killed server left is
 * written into the file, as at every start; nothing else in it is changed.
 *
 * Errors: `StoreUnavailableError` when there is no store, when a process has it, or when it is not
 * one of this version.
 */
export function checkSqliteStore(directory: string): StoreFindings {
  return holding(directory, () => inspect(directory).findings);
}

/**
 * Makes a damaged store one that opens: keeps everything that is whole, and leaves a copy of the
 * damaged file beside it. A store that is whole stays as it is.
 *
 * Errors: as `checkSqliteStore`; and when nothing at all can be read.
 */
export function repairSqliteStore(directory: string): StoreRepair {
  return holding(directory, () => {
    const { findings, salvaged } = inspect(directory);
    if (salvaged === undefined) return { ...findings, setAside: undefined };
    if (isHopeless(salvaged)) {
      throw new DamagedStoreError(directory, 'nothing in it can be read');
    }
    const setAside = copyAside(directory);
    const { database, log, draft } = filesOf(directory);
    writeDraft(directory, (file) => fill(file, salvaged));
    syncPath(draft);
    // What it held was salvaged with the rest.
    removeFile(log);
    removeFile(`${database}-shm`);
    renameSync(draft, database);
    syncPath(directory);
    return { ...findings, setAside };
  });
}

interface Inspection {
  readonly findings: StoreFindings;
  /** Undefined when the file is whole. */
  readonly salvaged: Salvage | undefined;
}

function inspect(directory: string): Inspection {
  const damage = damageOf(directory);
  if (damage.finding === undefined) {
    const { wholeCount = 0, isVerified = true } = damage;
    const nothing = { damage: undefined, lost: [], lostWithoutKey: 0 };
    return { findings: { directory, ...nothing, wholeCount, isVerified }, salvaged: undefined };
  }
  const salvaged = salvage(directory);
  const { entries, lost, lostWithoutKey, isVerified } = salvaged;
  const findings = { damage: damage.finding, wholeCount: entries.size, lost, lostWithoutKey };
  return { findings: { directory, ...findings, isVerified }, salvaged };
}

interface Damage {
  readonly finding?: string;
  readonly wholeCount?: number;
  readonly isVerified?: boolean;
}

// What the server would say when it opens the file.
function damageOf(directory: string): Damage {
  let database: DatabaseSync | undefined;
  try {
    database = connect(directory);
    const format = formatOf(database);
    if (format === 'former') {
      requireSoundPages(database, directory);
      const row = database.prepare('SELECT count(*) AS count FROM entries').get();
      return { wholeCount: Number(row?.['count']), isVerified: false };
    }
    if (typeof format === 'object') throw ofLaterVersion(directory, format.version);
    if (format !== 'current') return { finding: 'its first page is not that of a store' };
    const state = readState(database);
    if (state === undefined) return { finding: 'it does not know its revision' };
    let wholeCount = 0;
    for (const _ of wholeEntries(database, directory, state.sum)) wholeCount++;
    return { wholeCount };
  } catch (error) {
    const failure = failureOf(error, directory);
    if (failure instanceof DamagedStoreError) return { finding: failure.finding };
    if (failure.kind === 'other') return { finding: failure.message };
    throw failure;
  } finally {
    database?.close();
  }
}

function ofLaterVersion(directory: string, version: number): JournalError {
  return new JournalError(
    `the store in ${directory} has format ${version}, which this version does not know`,
    { kind: 'unusable', reason: 'its file is not one of this version' },
  );
}

function fill(database: DatabaseSync, salvaged: Salvage): void {
  const put = database.prepare(
    `INSERT INTO entries (key, revision, create_revision, value, checksum, expires_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  let sum = emptySum;
  let newest = 1;
  database.exec('BEGIN');
  for (const entry of salvaged.entries.values()) {
    const { key, revision, createRevision, value, expiresAt } = entry;
    const checksum = checksumOf(entry);
    put.run(key, revision, createRevision, value, checksum, expiresAt ?? null);
    sum = withRow(sum, checksum);
    newest = Math.max(newest, revision);
  }
  // Clients that saw the store before must notice that it has changed.
  writeState(
    database,
    salvaged.revision === undefined ? newest + revisionJump : salvaged.revision + 1,
    sum,
  );
  database.exec('COMMIT');
}

/** Copies the file, and what was committed and not yet moved into it. */
function copyAside(directory: string): string {
  const { database, log } = filesOf(directory);
  let number = 1;
  while (sizeOf(`${database}.damaged-${number}`) !== undefined) number++;
  const copy = `${database}.damaged-${number}`;
  const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
  copyFileSync(database, copy, mode);
  if (sizeOf(log) !== undefined) copyFileSync(log, `${copy}-wal`, mode);
  syncPath(copy);
  if (sizeOf(log) !== undefined) syncPath(`${copy}-wal`);
  syncPath(directory);
  return copy;
}

function failureOf(error: unknown, directory: string): JournalError {
  return describeSqliteFailure(error, { directory, holderFile: filesOf(directory).holder });
}

// No server may open the file meanwhile, and none may have it.
function holding<T>(directory: string, act: () => T): T {
  try {
    requireStore(directory);
    using _held = holdStore(directory);
    return act();
  } catch (error) {
    throw unavailable(failureOf(error, directory));
  }
}
