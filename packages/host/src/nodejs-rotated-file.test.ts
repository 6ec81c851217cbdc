import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openLines } from './nodejs-rotated-file.ts';
import { ManualClock } from './testing.ts';

const onFailure = (error: unknown): void => assert.fail(error as Error);
const options = { bytesMax: 10, keptFilesMax: 0, keptMs: 0, compresses: false, onFailure };

async function place(context: TestContext): Promise<{ directory: string; path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-rotated-'));
  context.after(() => rm(directory, { recursive: true }));
  return { directory, path: join(directory, 'new', 'audit.log') };
}

test('a file that would become too large is put aside with its time', async (context) => {
  const { path, directory } = await place(context);
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 15, 4, 5));
  const file = openLines(path, options, clock);
  file.append('one\n');
  file.append('two\n');
  file.append('three\n');
  file.append('longer than the bound\n');
  await file[Symbol.asyncDispose]();
  const names = (await readdir(join(directory, 'new'))).sort();
  assert.equal(names[0], 'audit-2026-01-02T15-04-05.000.log');
  assert.equal(await readFile(path, 'utf8'), 'longer than the bound\n');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('what is in the file already counts, and stays', async (context) => {
  const { directory } = await place(context);
  const path = join(directory, 'audit.log');
  await writeFile(path, 'before\n');
  const clock = new ManualClock();
  const file = openLines(path, options, clock);
  file.append('ab\n');
  assert.equal(await readFile(path, 'utf8'), 'before\nab\n');
  file.append('c\n');
  await file[Symbol.asyncDispose]();
  assert.equal(await readFile(path, 'utf8'), 'c\n');
});

test('so many files and no older ones are kept, compressed; others beside them stay', async (context) => {
  const { directory } = await place(context);
  const path = join(directory, 'audit.log');
  const dayMs = 86_400_000;
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  await writeFile(join(directory, 'audit-notes.log'), 'mine');
  await writeFile(join(directory, 'audit-2025-12-01T00-00-00.000.log.gz'), 'old');
  const file = openLines(
    path,
    { ...options, keptFilesMax: 2, keptMs: 10 * dayMs, compresses: true },
    clock,
  );
  for (const text of ['first 123\n', 'second 12\n', 'third 123\n', 'fourth 12\n']) {
    clock.jump(dayMs);
    file.append(text);
  }
  await file[Symbol.asyncDispose]();
  assert.deepEqual((await readdir(directory)).sort(), [
    'audit-2026-01-04T00-00-00.000.log.gz',
    'audit-2026-01-05T00-00-00.000.log.gz',
    'audit-notes.log',
    'audit.log',
  ]);
  const kept = await readFile(join(directory, 'audit-2026-01-05T00-00-00.000.log.gz'));
  assert.equal(gunzipSync(kept).toString(), 'third 123\n');
});

test('what cannot be written leaves no part of a line', (context) => {
  // It takes nothing, ever.
  const full = openLines('/dev/full', options, new ManualClock());
  context.after(() => full[Symbol.asyncDispose]());
  assert.throws(() => full.append('a line\n'), { code: 'ENOSPC' });
});
