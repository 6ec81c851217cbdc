import type { DatabaseSync } from 'node:sqlite';
import { checksumOf, emptySum, type RowSum, stateChecksum, withRow } from './row-checksum.ts';
import type { StoreEntry } from './store.ts';

export const pageBytes = 8_192;
const applicationId = 0x46_57_59_31; // "FWY1"
const formatVersion = 2;
/** Without checksums. */
const formerVersion = 1;

/** Where the trees of a file begin: it makes them in this order, and never moves them. */
export const rootPages = { entries: 2, keyIndex: 3, state: 4 } as const;

export type SqliteFormat = 'current' | 'former' | 'none' | 'foreign' | { readonly version: number };

/** What a file says that it is. */
export function formatOf(database: DatabaseSync): SqliteFormat {
  const id = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (id === applicationId && version === formatVersion) return 'current';
  if (id === applicationId && version === formerVersion) return 'former';
  if (id === applicationId) return { version: Number(version) };
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get();
  return id === 0 && version === 0 && tables?.['count'] === 0 ? 'none' : 'foreign';
}

/** Makes the tables of an empty file. `room` is there to be written when room has been short. */
export function createFormat(database: DatabaseSync): void {
  database.exec(`
    BEGIN;
    CREATE TABLE entries (
      key TEXT NOT NULL UNIQUE,
      revision INTEGER NOT NULL,
      create_revision INTEGER NOT NULL,
      value BLOB NOT NULL,
      checksum INTEGER NOT NULL DEFAULT 0,
      expires_at INTEGER
    ) STRICT;
    CREATE TABLE state (
      revision INTEGER NOT NULL,
      entry_count INTEGER NOT NULL DEFAULT 0,
      entry_digest INTEGER NOT NULL DEFAULT 0,
      checksum INTEGER NOT NULL DEFAULT 0,
      room BLOB NOT NULL DEFAULT x''
    ) STRICT;
    INSERT INTO state (revision, checksum) VALUES (1, ${stateChecksum(1, emptySum)});
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${formatVersion};
    COMMIT;
  `);
}

/** Gives a file of the former format its checksums. False when a row is not an entry. */
export function upgradeFormat(database: DatabaseSync): boolean {
  database.exec(`
    BEGIN IMMEDIATE;
    ALTER TABLE entries ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE entries ADD COLUMN expires_at INTEGER;
    ALTER TABLE state ADD COLUMN entry_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE state ADD COLUMN entry_digest INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE state ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE state ADD COLUMN room BLOB NOT NULL DEFAULT x'';
  `);
  const keys = database.prepare('SELECT key FROM entries ORDER BY key').all();
  const read = database.prepare('SELECT * FROM entries WHERE key = ?');
  const set = database.prepare('UPDATE entries SET checksum = ? WHERE key = ?');
  let sum = emptySum;
  for (const { key } of keys) {
    const row = decodeRow(read.get(key as string) ?? {});
    if (row === undefined) return false;
    const checksum = checksumOf(row.entry);
    set.run(checksum, row.entry.key);
    sum = withRow(sum, checksum);
  }
  const { revision } = database.prepare('SELECT revision FROM state').get() ?? {};
  writeState(database, Number(revision), sum);
  database.exec(`PRAGMA user_version = ${formatVersion}; COMMIT`);
  return true;
}

export interface StoredState {
  readonly revision: number;
  readonly sum: RowSum;
}

/** What the file says of itself; undefined when that is not what was written. */
export function readState(database: DatabaseSync): StoredState | undefined {
  const [row, ...others] = database
    .prepare('SELECT revision, entry_count, entry_digest, checksum FROM state')
    .all();
  const { revision, entry_count: count, entry_digest: digest, checksum } = row ?? {};
  if (others.length > 0 || typeof revision !== 'number') return undefined;
  const sum = { count: Number(count), digest: Number(digest) };
  return checksum === stateChecksum(revision, sum) ? { revision, sum } : undefined;
}

export function writeState(database: DatabaseSync, revision: number, sum: RowSum): void {
  database
    .prepare('UPDATE state SET revision = ?, entry_count = ?, entry_digest = ?, checksum = ?')
    .run(revision, sum.count, sum.digest, stateChecksum(revision, sum));
}

export interface StoredRow {
  readonly entry: StoreEntry;
  readonly checksum: unknown;
}

/** The entry of a row of `entries`; undefined when it is none. */
export function decodeRow(row: Record<string, unknown>): StoredRow | undefined {
  const { key, revision, create_revision: createRevision, value, expires_at: expiresAt } = row;
  if (
    typeof key !== 'string' ||
    typeof revision !== 'number' ||
    typeof createRevision !== 'number' ||
    !(value instanceof Uint8Array)
  ) {
    return undefined;
  }
  const entry = { key, revision, createRevision, value };
  const checksum = row['checksum'];
  if (typeof expiresAt !== 'number') return { entry, checksum };
  return { entry: { ...entry, expiresAt }, checksum };
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}
