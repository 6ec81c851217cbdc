import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ManualClock, settle } from '@fairway/host/testing';
import { openSqliteStore, prefixRange, type Store, StoreUnavailableError } from '@fairway/store';
import { checkSqliteStore } from '@fairway/store/repair';

const all = prefixRange('/');
const clock = new ManualClock();

async function scratch(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-store-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

function assertUnavailable(opening: Promise<unknown>, ...says: string[]): Promise<void> {
  return assert.rejects(opening, (error) => {
    assert.ok(error instanceof StoreUnavailableError, String(error));
    for (const part of says) assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

test('openSqliteStore refuses a directory that another process has, until that one is gone', async (t) => {
  const directory = await scratch(t);
  const program = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@fairway/source', program, directory, '/child/'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  const opening = openSqliteStore({ clock, directory });
  await assertUnavailable(opening, directory, `in use by process ${child.pid}`, 'use another');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await openSqliteStore({ clock, directory });
  await store.close();
  assert.deepEqual(await readdir(directory), ['store.lock', 'store.sqlite']);
});

test('openSqliteStore refuses a directory that this process has, and disturbs nothing', async (t) => {
  const directory = await scratch(t);
  const store = await openSqliteStore({ clock, directory });
  for (let attempt = 0; attempt < 2; attempt++) {
    await assertUnavailable(
      openSqliteStore({ clock, directory }),
      `in use by process ${process.pid}`,
    );
  }
  assert.equal((await store.create('/a', Buffer.from('x'))).kind, 'created');
  // The lock is still there for others.
  const other = new DatabaseSync(join(directory, 'store.sqlite'));
  assert.throws(() => other.exec('BEGIN IMMEDIATE'), /locked/);
  other.close();
  await store.close();
});

test('openSqliteStore makes its directory and keeps others from reading it', async (t) => {
  const directory = join(await scratch(t), 'new', 'deeper');
  const store = await openSqliteStore({ clock, directory });
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
  assert.equal((await stat(join(directory, 'store.sqlite'))).mode & 0o777, 0o600);
  await store.close();
});

test('openSqliteStore says why a directory cannot be used', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'file');
  await writeFile(file, '');
  await assertUnavailable(
    openSqliteStore({ clock, directory: file }),
    file,
    'EEXIST',
    'use another',
  );
  const below = join(file, 'below');
  await assertUnavailable(openSqliteStore({ clock, directory: below }), below, 'ENOTDIR');
});

test('openSqliteStore refuses what is not a store, and leaves it as it is', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'store.sqlite');
  await writeFile(file, 'these are not the bytes of a database, however long one looks at them');
  await assertUnavailable(openSqliteStore({ clock, directory }), directory, 'damaged', 'backup');
  assert.match(await readFile(file, 'utf8'), /^these are not/);
  await rm(file);
  const foreign = new DatabaseSync(file);
  foreign.exec('CREATE TABLE bookmarks (url TEXT)');
  foreign.close();
  await assertUnavailable(openSqliteStore({ clock, directory }), file, 'another program');
});

test('openSqliteStore refuses the format of a later version', async (t) => {
  const directory = await scratch(t);
  await (await openSqliteStore({ clock, directory })).close();
  const database = new DatabaseSync(join(directory, 'store.sqlite'));
  database.exec('PRAGMA user_version = 3');
  database.close();
  await assertUnavailable(openSqliteStore({ clock, directory }), 'has format 3');
});

test('openSqliteStore takes an empty file for no cluster, and leaves it as it is', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'store.sqlite');
  await writeFile(file, '');
  const says = ['damaged', 'has 0 bytes', 'fairway store repair'];
  await assertUnavailable(openSqliteStore({ clock, directory }), directory, ...says);
  assert.deepEqual(await readdir(directory), ['store.lock', 'store.sqlite']);
  assert.equal((await stat(file)).size, 0);
});

test('openSqliteStore makes no new store beside the log of another', async (t) => {
  const directory = await scratch(t);
  await writeFile(join(directory, 'store.sqlite-wal'), 'what is left of a store');
  await assertUnavailable(openSqliteStore({ clock, directory }), 'store.sqlite is gone');
  assert.deepEqual(await readdir(directory), ['store.lock', 'store.sqlite-wal']);
});

test('openSqliteStore finishes a store whose making was interrupted', async (t) => {
  const directory = await scratch(t);
  await writeFile(join(directory, 'store.sqlite.new'), '');
  const store = await openSqliteStore({ clock, directory });
  await store.close();
  assert.deepEqual(await readdir(directory), ['store.lock', 'store.sqlite']);
});

test('openSqliteStore names the object that is not what was written, and the remedy', async (t) => {
  const directory = await scratch(t);
  const store = await openSqliteStore({ clock, directory });
  for (const name of ['a', 'b', 'c'])
    await store.create(`/pods/${name}`, Buffer.from(`I am ${name}`));
  await store.close();
  const file = join(directory, 'store.sqlite');
  const bytes = await readFile(file);
  bytes.write('I am x', bytes.indexOf('I am b'));
  await writeFile(file, bytes);
  const says = ['lost: /pods/b;', 'fairway store check', 'fairway store repair'];
  await assertUnavailable(openSqliteStore({ clock, directory }), directory, ...says);
  assert.deepEqual(await readFile(file), bytes);
});

test('openSqliteStore notices a row that is gone, or was put back as it had been', async (t) => {
  const directory = await scratch(t);
  let store = await openSqliteStore({ clock, directory });
  await store.create('/a', Buffer.from('one'));
  await store.create('/b', Buffer.from('one'));
  await store.close();
  const file = join(directory, 'store.sqlite');
  const before = await readFile(file);
  const database = new DatabaseSync(file);
  const old = database.prepare("SELECT * FROM entries WHERE key = '/a'").get();
  database.close();
  store = await openSqliteStore({ clock, directory });
  await store.update('/a', Buffer.from('two'), Number(old?.['revision']));
  await store.close();
  const now = await readFile(file);
  const change = async (statement: string, ...values: (string | number | Uint8Array)[]) => {
    await writeFile(file, now);
    const changed = new DatabaseSync(file);
    changed.prepare(statement).run(...values);
    changed.close();
    await assertUnavailable(openSqliteStore({ clock, directory }), 'damaged');
  };
  await change("DELETE FROM entries WHERE key = '/b'");
  const { value, revision, checksum } = old ?? {};
  await change(
    "UPDATE entries SET value = ?, revision = ?, checksum = ? WHERE key = '/a'",
    value as Uint8Array,
    revision as number,
    checksum as number,
  );
  await change('UPDATE state SET revision = revision + 1');
  assert.notDeepEqual(before, now);
});

test('openSqliteStore gives a store of the former format its checksums', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'store.sqlite');
  const former = new DatabaseSync(file);
  former.exec(`
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    CREATE TABLE entries (
      key TEXT NOT NULL UNIQUE,
      revision INTEGER NOT NULL,
      create_revision INTEGER NOT NULL,
      value BLOB NOT NULL
    ) STRICT;
    CREATE TABLE state (revision INTEGER NOT NULL) STRICT;
    INSERT INTO state VALUES (12);
    INSERT INTO entries VALUES ('/b', 7, 5, CAST('two' AS BLOB)), ('/a', 3, 3, CAST('one' AS BLOB));
    PRAGMA application_id = ${0x46_57_59_31};
    PRAGMA user_version = 1;
  `);
  former.close();
  assert.deepEqual(
    { ...checkSqliteStore(directory), directory: '' },
    {
      directory: '',
      damage: undefined,
      wholeCount: 2,
      lost: [],
      lostWithoutKey: 0,
      isVerified: false,
    },
  );
  for (let opening = 0; opening < 2; opening++) {
    const store = await openSqliteStore({ clock, directory });
    const { entries, revision } = await store.list(all);
    const found = entries.map((entry) => `${entry.key} ${entry.revision} ${entry.createRevision}`);
    assert.deepEqual([revision, ...found], [12, '/a 3 3', '/b 7 5']);
    await store.close();
  }
  const bytes = await readFile(file);
  bytes.write('owt', bytes.indexOf('two'));
  await writeFile(file, bytes);
  await assertUnavailable(openSqliteStore({ clock, directory }), 'lost: /b;');
});

test('openSqliteStore notices damage, and opens again when the file has been restored', async (t) => {
  const directory = await scratch(t);
  const store = await openSqliteStore({ clock, directory });
  for (let index = 0; index < 50; index++) {
    await store.create(`/${index}`, Buffer.alloc(5_000, String(index)));
  }
  await store.close();
  const file = join(directory, 'store.sqlite');
  const intact = await readFile(file);
  const damaged = Buffer.from(intact);
  damaged.fill(0xa5, 3 * 8_192, 6 * 8_192);
  await writeFile(file, damaged);
  await assertUnavailable(openSqliteStore({ clock, directory }), 'damaged');
  await writeFile(file, intact);
  const again = await openSqliteStore({ clock, directory });
  assert.equal((await again.list(all)).count, 50);
  await again.close();
});

test('a full store rejects what does not fit, takes deletes, and then writes again', async (t) => {
  const directory = await scratch(t);
  const fileBytesMax = 1024 * 1024;
  let store = await openSqliteStore({ clock, directory, fileBytesMax });
  const value = Buffer.alloc(30_000, 'x');
  let failed = 0;
  const kept: string[] = [];
  for (let index = 0; failed < 3; index++) {
    const key = `/${1_000 + index}`;
    try {
      await store.create(key, value);
      kept.push(key);
    } catch (error) {
      assert.ok(error instanceof StoreUnavailableError);
      assert.match(error.message, /no room .* full .* free some space/);
      failed++;
    }
  }
  assert.ok(kept.length > 20);
  const revision = await store.currentRevision();
  assert.equal(revision, 1 + kept.length);
  await store.close();
  store = await openSqliteStore({ clock, directory, fileBytesMax });
  const page = await store.list(all);
  assert.deepEqual(
    page.entries.map((entry) => entry.key),
    kept,
  );
  assert.equal(page.revision, revision);
  for (const entry of page.entries.slice(0, 3)) await store.delete(entry.key, entry.revision);
  assert.equal((await store.create('/new', value)).kind, 'created');
  await store.close();
  assert.ok((await stat(join(directory, 'store.sqlite'))).size <= fileBytesMax);
});

test('openSqliteStore that is full takes what fits, says so, and is well by itself when there is room', async (t) => {
  const directory = await scratch(t);
  const time = new ManualClock();
  const store = await openSqliteStore({ clock: time, directory, fileBytesMax: 30 * 8_192 });
  t.after(() => store.close());
  const value = Buffer.alloc(30_000, 'x');
  const kept: number[] = [];
  const fill = async (): Promise<void> => {
    while (true) {
      const outcome = await store.create(`/${100 + kept.length}`, value);
      if (outcome.kind === 'created') kept.push(outcome.entry.revision);
    }
  };
  await assert.rejects(fill(), StoreUnavailableError);
  assert.match((await store.problem()) ?? '', /disk is full/);
  // Looking alone changes nothing: there is still no room.
  for (const delayMs of [1_000, 2_000]) await passLook(time, store, delayMs);
  assert.match((await store.problem()) ?? '', /disk is full/);
  const revision = kept.shift() ?? 0;
  assert.equal((await store.delete('/100', revision)).kind, 'deleted');
  await passLook(time, store, 4_000);
  assert.equal(await store.problem(), undefined);
  assert.equal((await store.create('/again', value)).kind, 'created');
});

// The look happens in another thread. It is over when it has succeeded or the next one is planned.
async function passLook(time: ManualClock, store: Store, delayMs: number): Promise<void> {
  await time.advance(delayMs);
  while (time.pending === 0 && (await store.problem()) !== undefined) await settle();
}
