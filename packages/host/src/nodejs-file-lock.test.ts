import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { lockFile } from './nodejs-file-lock.ts';

const holder = `
  const { lockFile } = await import(${JSON.stringify(import.meta.resolve('./nodejs-file-lock.ts'))});
  const lock = lockFile(process.argv[1]);
  console.log(lock === undefined ? 'refused' : 'held');
  // Whoever lets go of a lock has it no longer than until garbage is collected.
  setInterval(() => lock, 1000);
`;

async function lockElsewhere(t: TestContext, path: string) {
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module'];
  const child = spawn(process.execPath, [...words, '--eval', holder, path]);
  t.after(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

async function scratchFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-lock-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'lock');
}

test('lockFile() has one holder, in this process and in others, and is free when it is killed', async (t) => {
  const path = await scratchFile(t);
  const { child, said } = await lockElsewhere(t, path);
  assert.equal(said, 'held');
  assert.equal(lockFile(path), undefined);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const mine = lockFile(path);
  assert.ok(mine);
  assert.equal(lockFile(path), undefined);
  assert.equal((await lockElsewhere(t, path)).said, 'refused');
  mine[Symbol.dispose]();
  lockFile(path)?.[Symbol.dispose]();
  assert.equal((await stat(path)).size, 0);
  assert.deepEqual(await readdir(join(path, '..')), ['lock']);
});

test('of processes that take a lock at the same instant one gets it', async (t) => {
  const path = await scratchFile(t);
  const starts = Array.from({ length: 4 }, () => lockElsewhere(t, path));
  const said = (await Promise.all(starts)).map((each) => each.said);
  assert.deepEqual(said.sort(), ['held', 'refused', 'refused', 'refused']);
});
