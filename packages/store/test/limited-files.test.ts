import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ManualClock } from '@fairway/host/testing';
import { openSqliteStore, prefixRange } from '@fairway/store';

const run = promisify(execFile);
const hasPrlimit = await run('prlimit', ['--version']).then(
  () => true,
  () => false,
);
const skip = hasPrlimit || process.env['CI'] !== undefined ? false : 'there is no prlimit here';

test(
  'openSqliteStore survives a disk that refuses writes, and goes on when it takes them again',
  { skip },
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-limit-'));
    t.after(() => rm(directory, { recursive: true }));
    const program = fileURLToPath(new URL('./limited-writer.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@fairway/source', program, directory], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    const ask = (command: string): Promise<string> => {
      child.stdin.write(`${command}\n`);
      return next();
    };
    const limitFiles = (limit: string): Promise<unknown> =>
      run('prlimit', ['--pid', String(child.pid), `--fsize=${limit}:`]);
    assert.equal(await next(), 'ready');
    assert.equal(await ask('create /before'), 'created');
    await limitFiles('20000');
    assert.match(await ask('create /lost'), /^unavailable: the store in .* failed/);
    assert.match(await ask('create /refused'), /^unavailable: /);
    assert.match(await ask('wait 1000'), /the disk refuses it|disk is full/);
    assert.match(await ask('create /refused'), /^unavailable: /);
    assert.equal(await ask('list'), '/before /before');
    await limitFiles('unlimited');
    assert.notEqual(await ask('problem'), 'none');
    assert.equal(await ask('wait 2000'), 'none');
    assert.equal(await ask('create /after'), 'created');
    assert.equal(await ask('list'), '/after,/before /before,/after');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await openSqliteStore({ clock: new ManualClock(), directory });
    const { entries } = await store.list(prefixRange('/'));
    assert.deepEqual(
      entries.map(({ key }) => key),
      ['/after', '/before'],
    );
    await store.close();
  },
);
