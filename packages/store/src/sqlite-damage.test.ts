import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { packPage } from './entry-page.ts';
import { JournalError } from './journal.ts';
import { filesOf } from './sqlite-connection.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { rootPages } from './sqlite-format.ts';
import { checkSqliteStore, repairSqliteStore } from './sqlite-repair.ts';
import { type StoreEntry, StoreUnavailableError } from './store.ts';

const fileBytesMax = 1024 ** 3;
const pageBytes = 8_192;

interface Written {
  readonly directory: string;
  readonly file: string;
  readonly bytes: Buffer;
  readonly entries: ReadonlyMap<string, string>;
  readonly revision: number;
}

// Values from nothing to several pages, in places that were free before.
async function writeStore(t: TestContext, keyCount = 90): Promise<Written> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-damage-'));
  t.after(() => rm(directory, { recursive: true }));
  const database = SqliteDatabase.open({ directory, fileBytesMax });
  let revision = 1;
  const created = new Map<string, number>();
  const put = (number: number, sizeBytes: number): void => {
    const value = Buffer.alloc(sizeBytes, `value ${number} of ${sizeBytes} bytes;`);
    const key = keyOf(number);
    revision++;
    const createRevision = created.get(key) ?? revision;
    created.set(key, createRevision);
    database.commit(packPage([{ key, entry: { key, value, revision, createRevision } }]), revision);
  };
  for (let number = 0; number < keyCount; number++) put(number, (number * 977) % 5_000);
  for (let number = 0; number < keyCount; number += 3) {
    database.commit(packPage([{ key: keyOf(number), entry: undefined }]), ++revision);
    created.delete(keyOf(number));
  }
  for (let number = 0; number < keyCount; number += 9) put(number, 1 + number * 400);
  for (let number = 1; number < keyCount; number += 7) put(number, 300);
  const entries = contentsOf(database);
  database.close();
  const { database: file } = filesOf(directory);
  return { directory, file, bytes: await readFile(file), entries, revision };
}

function keyOf(number: number): string {
  return `/registry/configmaps/default/${'with-a-longer-name-'.repeat(number % 4)}${number}`;
}

function plain(entry: StoreEntry): string {
  const { key, revision, createRevision, expiresAt = 0, value } = entry;
  return `${key} ${revision} ${createRevision} ${expiresAt} ${Buffer.from(value).toString()}`;
}

function contentsOf(database: SqliteDatabase): Map<string, string> {
  const entries = [...database.pages()].flat();
  return new Map(entries.map((entry) => [entry.key, plain(entry)]));
}

/** What the store holds; undefined when it is refused with the remedy. */
function readOrRefuse({ directory, file }: Written): Map<string, string> | undefined {
  let database: SqliteDatabase | undefined;
  try {
    database = SqliteDatabase.open({ directory, fileBytesMax });
    return contentsOf(database);
  } catch (error) {
    assert.ok(error instanceof JournalError, String(error));
    assert.ok(error.message.includes(directory), error.message);
    assert.match(error.message, /fairway store (check|repair)|use another directory/);
    return undefined;
  } finally {
    database?.close();
    for (const rest of [`${file}-wal`, `${file}-shm`]) rmSync(rest, { force: true });
  }
}

// Every key is written once more, so that what reading did not notice comes to light.
function writeAll({ directory }: Written): void {
  const database = SqliteDatabase.open({ directory, fileBytesMax });
  const entries = [...database.pages()].flat();
  let { revision } = database;
  for (const { key, value, createRevision } of entries) {
    const longer = Buffer.concat([value, Buffer.alloc(500, 'more')]);
    const entry = { key, value: longer, revision: ++revision, createRevision };
    database.commit(packPage([{ key, entry }]), revision);
  }
  database.close();
}

function judge(
  written: Written,
  damaged: Buffer,
  where: string,
): 'right' | 'refused' | 'unrepairable' {
  writeFileSync(written.file, damaged);
  const { directory } = written;
  const found = readOrRefuse(written);
  const findings = tryTo(() => checkSqliteStore(directory));
  if (found !== undefined) {
    assert.deepEqual(found, written.entries, where);
    assert.equal(findings?.damage, undefined, where);
    writeAll(written);
    const again = readOrRefuse(written);
    assert.deepEqual(again && [...again.keys()], [...written.entries.keys()], where);
    return 'right';
  }
  const repair = tryTo(() => repairSqliteStore(directory));
  if (repair === undefined) return 'unrepairable';
  assert.ok(repair.setAside !== undefined && existsSync(repair.setAside), where);
  assert.deepEqual(findings?.lost, repair.lost, where);
  const kept = readOrRefuse(written);
  assert.ok(kept, `${where}: the repaired store opens`);
  const missing = [...written.entries.keys()].filter((key) => !kept.has(key));
  const unnamed = missing.filter((key) => !repair.lost.includes(key)).length;
  assert.ok(unnamed <= repair.lostWithoutKey, `${where}: ${missing.join()} not named`);
  for (const [key, entry] of kept) assert.equal(entry, written.entries.get(key), where);
  for (const name of readdirSync(directory)) {
    if (name.includes('damaged')) rmSync(join(directory, name));
  }
  assert.ok(where.startsWith('cut') || missing.length <= 1, `${where} lost ${missing.join()}`);
  return 'refused';
}

function tryTo<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof StoreUnavailableError) return undefined;
    throw error;
  }
}

test('a flipped bit is never served: what was written comes back, or is refused and repaired', async (t) => {
  const written = await writeStore(t);
  const flips = Number(process.env['FAIRWAY_FLIPS'] ?? 120);
  const random = seededRandom(Number(process.env['FAIRWAY_FLIP_SEED'] ?? 20_261_128));
  const outcomes = { right: 0, refused: 0, unrepairable: 0 };
  for (let flip = 0; flip < flips; flip++) {
    // Half of them where pages describe themselves, the rest anywhere.
    const page = Math.floor(random.fraction() * (written.bytes.length / pageBytes));
    const within = Math.floor(random.fraction() * (flip % 2 === 0 ? 110 : pageBytes));
    const at = page * pageBytes + within;
    const bit = Math.floor(random.fraction() * 8);
    const damaged = Buffer.from(written.bytes);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
    outcomes[judge(written, damaged, `bit ${bit} of byte ${at}`)]++;
  }
  t.diagnostic(JSON.stringify(outcomes));
  assert.ok(outcomes.right > 0 && outcomes.refused > flips / 3);
  // Only what says that it is of a later version: nobody can tell whether it is.
  assert.ok(outcomes.unrepairable <= flips / 100);
});

test('a file that was cut is refused, and repaired as far as it goes', async (t) => {
  const written = await writeStore(t);
  const { bytes } = written;
  for (const keptBytes of [0, 1, 100, 4_096, pageBytes]) {
    const where = `cut to ${keptBytes} bytes`;
    assert.equal(judge(written, bytes.subarray(0, keptBytes), where), 'unrepairable', where);
  }
  const half = bytes.length / 2;
  for (const cutBytes of [1, 512, 4_096, pageBytes, 3 * pageBytes + 17, half]) {
    const where = `cut by ${cutBytes} bytes`;
    const damaged = bytes.subarray(0, bytes.length - cutBytes);
    assert.equal(judge(written, damaged, where), 'refused', where);
  }
});

test('pages that lead to rows in another order are refused', async (t) => {
  const written = await writeStore(t, 400);
  const damaged = Buffer.from(written.bytes);
  // The root of the index of keys, whose first and last children change places.
  const root = (rootPages.keyIndex - 1) * pageBytes;
  assert.equal(damaged[root], 0x02);
  const firstCell = root + damaged.readUInt16BE(root + 12);
  const first = damaged.readUInt32BE(firstCell);
  damaged.writeUInt32BE(damaged.readUInt32BE(root + 8), firstCell);
  damaged.writeUInt32BE(first, root + 8);
  assert.equal(judge(written, damaged, 'children changed places'), 'refused');
});

test('a repaired store is at a revision that nobody has seen', async (t) => {
  const written = await writeStore(t);
  const { directory, file, bytes, revision } = written;
  const repairedRevision = (damaged: Buffer): number => {
    writeFileSync(file, damaged);
    repairSqliteStore(directory);
    const database = SqliteDatabase.open({ directory, fileBytesMax });
    database.close();
    return database.revision;
  };
  const row = Buffer.from(bytes);
  // Where pages were split, what moved away is there a second time.
  for (let at = row.indexOf('value 2 of'); at !== -1; at = row.indexOf('value 2 of')) {
    row.write('wrong', at);
  }
  assert.equal(repairedRevision(row), revision + 1);
  // The whole page that knows the revision is gone.
  const state = Buffer.from(bytes);
  const start = (rootPages.state - 1) * pageBytes;
  state.fill(0, start, start + pageBytes);
  assert.ok(repairedRevision(state) > revision + 100_000);
});

test('a file that takes a page in use for a free one is refused before anything is written over it', async (t) => {
  const written = await writeStore(t);
  const damaged = Buffer.from(written.bytes);
  damaged.writeUInt32BE(rootPages.entries, freeListAt);
  assert.equal(judge(written, damaged, 'a free page in use'), 'refused');
});

test('rows are found when the way to them is gone, and those that were deleted are not', async (t) => {
  const written = await writeWithFreePages(t);
  const lose = (bytes: Buffer, page: number): void =>
    void bytes.fill(0, (page - 1) * pageBytes, page * pageBytes);
  const repaired = (change: (bytes: Buffer) => void): Map<string, string> | undefined => {
    const damaged = Buffer.from(written.bytes);
    change(damaged);
    writeFileSync(written.file, damaged);
    repairSqliteStore(written.directory);
    return readOrRefuse(written);
  };
  const withoutRoot = repaired((bytes) => lose(bytes, rootPages.entries));
  assert.deepEqual(withoutRoot, written.entries);
  // Now the index says nothing of what was deleted, but the list of free pages does,
  const withoutRoots = repaired((bytes) => {
    lose(bytes, rootPages.entries);
    lose(bytes, rootPages.keyIndex);
  });
  assert.deepEqual(withoutRoots, written.entries);
  // and here it is the other way round.
  const withoutFreeList = repaired((bytes) => {
    lose(bytes, rootPages.entries);
    bytes.writeUInt32BE(0, freeListAt);
    lose(bytes, rootPages.state);
  });
  assert.deepEqual(withoutFreeList, written.entries);
});

/** Where the first page says which pages are free. */
const freeListAt = 32;

// Neighbours are deleted, so that whole pages of rows become free with what they held.
async function writeWithFreePages(t: TestContext): Promise<Written> {
  const written = await writeStore(t, 400);
  const database = SqliteDatabase.open({ directory: written.directory, fileBytesMax });
  contentsOf(database);
  let { revision } = database;
  for (let number = 150; number < 300; number++) {
    database.commit(packPage([{ key: keyOf(number), entry: undefined }]), ++revision);
  }
  const entries = contentsOf(database);
  database.close();
  return { ...written, entries, revision, bytes: await readFile(written.file) };
}
