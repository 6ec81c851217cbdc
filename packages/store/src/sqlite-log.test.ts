import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { packPage } from './entry-page.ts';
import { filesOf, sizeOf } from './sqlite-connection.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { pageBytes } from './sqlite-format.ts';
import { checkSqliteStore, repairSqliteStore } from './sqlite-repair.ts';
import { salvage } from './salvage.ts';

const frameBytes = 24 + pageBytes;

interface Killed {
  readonly directory: string;
  readonly database: string;
  readonly log: string;
}

/**
 * A store as a killed server leaves it: revisions to 100 are in the file, those to 200 in the log,
 * of keys of their own or of the same ones again.
 */
async function killedStore(
  t: TestContext,
  { keyCount = 200 }: { readonly keyCount?: number } = {},
): Promise<Killed> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-log-'));
  t.after(() => rm(folder, { recursive: true }));
  const running = SqliteDatabase.open({
    directory: join(folder, 'running'),
    fileBytesMax: 2 ** 30,
  });
  const put = (revision: number): void => {
    const createRevision = revision <= keyCount ? revision : revision - keyCount;
    const entry = { key: keyOf(createRevision), revision, createRevision };
    const value = Buffer.alloc(900, `value of ${revision};`);
    running.commit(packPage([{ key: entry.key, entry: { ...entry, value } }]), revision);
  };
  for (let revision = 2; revision <= 100; revision++) put(revision);
  running.emptyLog();
  for (let revision = 101; revision <= 200; revision++) put(revision);
  const directory = join(folder, 'killed');
  await mkdir(directory);
  const [from, to] = [filesOf(join(folder, 'running')), filesOf(directory)];
  await copyFile(from.database, to.database);
  await copyFile(from.log, to.log);
  running.close();
  return { directory, database: to.database, log: to.log };
}

function keyOf(revision: number): string {
  return `/registry/a/${String(revision).padStart(4, '0')}`;
}

/** Nobody but this code finds a way into the file now. */
async function damageFirstPage(database: string): Promise<void> {
  const bytes = await readFile(database);
  await writeFile(database, bytes.fill(0, 0, pageBytes));
}

test('salvage() finds what was committed to the log and not yet to the file', async (t) => {
  const { directory, database } = await killedStore(t);
  await damageFirstPage(database);
  const { entries, lost, lostWithoutKey, revision } = salvage(directory);
  assert.deepEqual([entries.size, lost, lostWithoutKey, revision], [199, [], 0, 200]);
  const newest = entries.get(keyOf(200));
  assert.ok(newest);
  assert.equal(Buffer.from(newest.value).toString('utf8', 0, 13), 'value of 200;');
});

test('what is repaired has what was committed last', async (t) => {
  // The log does not hold the first page, which SQLite would take from there.
  const { directory, database, log } = await killedStore(t, { keyCount: 100 });
  await damageFirstPage(database);
  const { damage, lost, wholeCount } = checkSqliteStore(directory);
  assert.ok(damage !== undefined);
  assert.deepEqual([lost, wholeCount], [[], 100]);
  assert.ok((sizeOf(log) ?? 0) > 0, 'a check leaves the log');
  const repair = repairSqliteStore(directory);
  assert.ok(repair.setAside !== undefined);
  const opened = SqliteDatabase.open({ directory, fileBytesMax: 2 ** 30 });
  const newest = [...opened.pages()].flat().at(-1);
  opened.close();
  assert.deepEqual([newest?.key, newest?.revision], [keyOf(100), 200]);
});

test('the log ends where a commit is not whole, or where its bytes are not what was written', async (t) => {
  const { directory, database, log } = await killedStore(t);
  await damageFirstPage(database);
  const whole = await readFile(log);
  const found = async (bytes: Buffer): Promise<number | undefined> => {
    await writeFile(log, bytes);
    return salvage(directory).revision;
  };
  const at = 32 + 150 * frameBytes;
  const flipped = Buffer.from(whole);
  flipped[at + 24 + 5_000] = (flipped[at + 24 + 5_000] ?? 0) ^ 1;
  const before = await found(flipped);
  assert.ok(before !== undefined && before > 101 && before < 200);
  assert.equal(await found(Buffer.from(whole.subarray(0, at))), before);
  const otherSalt = Buffer.from(whole);
  otherSalt[at + 8] = (otherSalt[at + 8] ?? 0) ^ 1;
  assert.equal(await found(otherSalt), before);
  for (const place of [0, 9, 17, 25]) {
    const noHeader = Buffer.from(whole);
    noHeader[place] = (noHeader[place] ?? 0) ^ 1;
    assert.equal(await found(noHeader), 100, `byte ${place} of the header`);
  }
  await truncate(log, 10);
  assert.equal(salvage(directory).revision, 100);
  await rm(log);
  assert.equal(salvage(directory).revision, 100);
});
