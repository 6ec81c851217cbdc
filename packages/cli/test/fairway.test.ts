import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from './command-line.ts';

const launcher = fileURLToPath(new URL('../bin/fairway.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the launcher as a user does, in a folder of its own. */
function fairway(folder: string, ...words: readonly string[]): Promise<Ended> {
  const env = { ...process.env, KUBECONFIG: join(folder, '.fairway/kubeconfig') };
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...words], { cwd: folder, env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

async function pidIn(folder: string): Promise<number> {
  const record = JSON.parse(await readFile(join(folder, '.fairway/fairway.pid'), 'utf8')) as {
    pid: number;
  };
  return record.pid;
}

test('fairway up -d survives kill -9: the next up finds every object', async () => {
  await using folder = await scratchFolder();
  const { path } = folder;
  try {
    const up = await fairway(path, 'up', '-d', '--listen', '127.0.0.1:0');
    assert.deepEqual([up.code, up.err], [0, '']);
    assert.match(up.out, /Stop it with (npx )?fairway down\./);
    const uid = await fairway(path, 'get', 'ns', 'default', '-o', 'jsonpath={.metadata.uid}');
    assert.match(uid.out, /^[0-9a-f-]{36}$/);
    const pid = await pidIn(path);

    const second = await fairway(path, 'up', '-d', '--listen', '127.0.0.1:0');
    assert.equal(second.code, 1);
    assert.match(
      second.err,
      new RegExp(`^error: .* runs on it already \\(process ${pid}\\); stop it with`),
    );

    process.kill(pid, 'SIGKILL');
    const again = await fairway(path, 'up', '-d', '--listen', '127.0.0.1:0');
    assert.deepEqual([again.code, again.err], [0, '']);
    assert.notEqual(await pidIn(path), pid);
    const found = await fairway(path, 'get', 'ns', 'default', '-o', 'jsonpath={.metadata.uid}');
    assert.equal(found.out, uid.out);
  } finally {
    assert.match((await fairway(path, 'down')).out, /^Stopped the cluster on /);
  }
  assert.match((await fairway(path, 'down')).out, /^No cluster runs on /);
});

test('fairway up -d says why the cluster did not start', async () => {
  await using folder = await scratchFolder();
  const { code, err } = await fairway(folder.path, 'up', '-d', '--listen', '192.0.2.1:1');
  assert.equal(code, 1);
  assert.match(err, /^error: cannot listen on 192\.0\.2\.1:1: .*choose one of its own.*\n$/);
});

test('fairway up ends well at the first SIGTERM', async () => {
  await using folder = await scratchFolder();
  const child: ChildProcess = spawn(process.execPath, [launcher, 'up', '--listen', '127.0.0.1:0'], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    if (out.includes('Stop it with Ctrl-C')) child.kill('SIGTERM');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, out);
  assert.match((await fairway(folder.path, 'down')).out, /^No cluster runs on /);
});
