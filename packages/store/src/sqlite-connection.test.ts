import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createIfMissing, filesOf, publishDraft, writeDraft } from './sqlite-connection.ts';

async function scratchFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-store-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('a store that another process made meanwhile is not replaced', async (t) => {
  const directory = await scratchFolder(t);
  const { database, draft } = filesOf(directory);
  writeDraft(directory, () => {
    writeFileSync(database, 'the store of another');
    publishDraft(directory);
  });
  assert.equal(readFileSync(database, 'utf8'), 'the store of another');
  assert.ok(!existsSync(draft));
  createIfMissing(directory);
  assert.equal(readFileSync(database, 'utf8'), 'the store of another');
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
