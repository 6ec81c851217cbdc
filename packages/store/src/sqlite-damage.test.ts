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
