import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSqliteStore, prefixRange, StoreUnavailableError } from '@fairway/store';

const all = prefixRange('/');

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
  const opening = openSqliteStore({ directory });
  await assertUnavailable(opening, directory, `in use by process ${child.pid}`, 'use another');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await openSqliteStore({ directory });
  await store.close();
  assert.deepEqual(await readdir(directory), ['store.sqlite']);
});

test('openSqliteStore refuses a directory that this process has, and disturbs nothing', async (t) => {
  const directory = await scratch(t);
  const store = await openSqliteStore({ directory });
  for (let attempt = 0; attempt < 2; attempt++) {
    await assertUnavailable(openSqliteStore({ directory }), `in use by process ${process.pid}`);
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
  const store = await openSqliteStore({ directory });
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
  assert.equal((await stat(join(directory, 'store.sqlite'))).mode & 0o777, 0o600);
  await store.close();
});

test('openSqliteStore says why a directory cannot be used', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'file');
  await writeFile(file, '');
  await assertUnavailable(openSqliteStore({ directory: file }), file, 'EEXIST', 'use another');
  const below = join(file, 'below');
  await assertUnavailable(openSqliteStore({ directory: below }), below, 'ENOTDIR');
});

test('openSqliteStore refuses what is not a store, and leaves it as it is', async (t) => {
  const directory = await scratch(t);
  const file = join(directory, 'store.sqlite');
  await writeFile(file, 'these are not the bytes of a database, however long one looks at them');
  await assertUnavailable(openSqliteStore({ directory }), directory, 'damaged', 'backup');
  assert.match(await readFile(file, 'utf8'), /^these are not/);
  await rm(file);
  const foreign = new DatabaseSync(file);
  foreign.exec('CREATE TABLE bookmarks (url TEXT)');
  foreign.close();
  await assertUnavailable(openSqliteStore({ directory }), file, 'another program');
});

test('openSqliteStore refuses the format of a later version', async (t) => {
  const directory = await scratch(t);
  await (await openSqliteStore({ directory })).close();
  const database = new DatabaseSync(join(directory, 'store.sqlite'));
  database.exec('PRAGMA user_version = 2');
  database.close();
  await assertUnavailable(openSqliteStore({ directory }), 'has format 2');
});

test('openSqliteStore notices damage, and opens again when the file has been restored', async (t) => {
  const directory = await scratch(t);
  const store = await openSqliteStore({ directory });
  for (let index = 0; index < 50; index++) {
    await store.create(`/${index}`, Buffer.alloc(5_000, String(index)));
  }
  await store.close();
  const file = join(directory, 'store.sqlite');
  const intact = await readFile(file);
  const damaged = Buffer.from(intact);
  damaged.fill(0xa5, 3 * 8_192, 6 * 8_192);
  await writeFile(file, damaged);
  await assertUnavailable(openSqliteStore({ directory }), 'damaged');
  await writeFile(file, intact);
  const again = await openSqliteStore({ directory });
  assert.equal((await again.list(all)).count, 50);
  await again.close();
});

test('a full store rejects what does not fit, takes deletes, and then writes again', async (t) => {
  const directory = await scratch(t);
  const fileBytesMax = 1024 * 1024;
  let store = await openSqliteStore({ directory, fileBytesMax });
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
  store = await openSqliteStore({ directory, fileBytesMax });
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
