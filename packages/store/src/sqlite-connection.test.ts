import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { holdStore } from './hold-store.ts';
import { filesOf } from './sqlite-connection.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { checkSqliteStore, repairSqliteStore } from './sqlite-repair.ts';

async function scratchFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-store-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('who holds a store keeps servers, checks and repairs out of it, whole or damaged', async (t) => {
  const directory = await scratchFolder(t);
  const open = () => SqliteDatabase.open({ directory, fileBytesMax: 2 ** 30 });
  const isInUse = { message: new RegExp(`in use by process ${process.pid};`) };
  open().close();
  for (const change of [() => {}, () => writeFileSync(filesOf(directory).database, 'no store')]) {
    change();
    {
      using _held = holdStore(directory);
      assert.throws(open, isInUse);
      assert.throws(() => checkSqliteStore(directory), isInUse);
      assert.throws(() => repairSqliteStore(directory), isInUse);
    }
    assert.doesNotThrow(() => checkSqliteStore(directory));
  }
});

test('checkSqliteStore() leaves no trace where there is no store', async (t) => {
  const directory = await scratchFolder(t);
  assert.throws(() => checkSqliteStore(directory), /there is no store in/);
  assert.deepEqual(await readdir(directory), []);
});

const creator = `
  const { SqliteDatabase } = await import(${JSON.stringify(import.meta.resolve('./sqlite-database.ts'))});
  try {
    SqliteDatabase.open({ directory: process.argv[1], fileBytesMax: 2 ** 30 });
    console.log('open');
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(error.kind);
  }
`;

test('of processes that make a store at the same time one at most has it', async (t) => {
  const directory = await scratchFolder(t);
  const words = ['--conditions=@fairway/source', '--disable-warning=ExperimentalWarning'];
  const said = Array.from({ length: 4 }, async () => {
    const all = [...words, '--input-type=module', '--eval', creator, directory];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
    return bytes.toString().trim();
  });
  const outcomes = (await Promise.all(said)).sort();
  assert.ok(outcomes.filter((each) => each === 'open').length <= 1, outcomes.join());
  for (const each of outcomes) assert.match(each, /^(open|in use)$/);
  assert.ok(!(await readdir(directory)).includes('store.sqlite.new'));
});
