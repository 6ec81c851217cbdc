import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runToEnd } from './nodejs-processes.ts';
import { nodejsFiles, nodejsHost } from './nodejs.ts';
import type { Command } from './processes.ts';

const { processes } = nodejsHost();

const isUnix = process.platform !== 'win32';

function shell(script: string, bounds: Partial<Command> = {}): Command {
  return {
    file: 'sh',
    arguments: ['-c', script],
    environment: { PATH: process.env['PATH'] },
    input: 'none',
    outputBytesMax: 1_000,
    timeoutMs: 60_000,
    ...bounds,
  };
}

test('a command whose child holds its output open ends with it', { skip: !isUnix }, async () => {
  const { exitCode, output } = await processes.run(shell('sleep 60 & echo $!'));
  assert.equal(exitCode, 0);
  await untilGone(Number(Buffer.from(output).toString()));
});

test(
  'a command that prints without end is ended, with its children',
  { skip: !isUnix },
  async () => {
    const started = performance.now();
    await assert.rejects(processes.run(shell('yes & yes')), /printed more than 1000 bytes/);
    assert.ok(performance.now() - started < 30_000);
  },
);

test('a command that does not end is ended, with its children', { skip: !isUnix }, async () => {
  const folder = new URL(`file://${process.env['TMPDIR'] ?? '/tmp'}/`);
  const file = new URL(`fairway-child-${process.pid}`, folder).pathname;
  const script = `sleep 60 & echo $! > ${file}; wait`;
  await assert.rejects(
    processes.run(shell(script, { timeoutMs: 500 })),
    /did not end within 500 ms/,
  );
  const child = Number(Buffer.from((await nodejsFiles.read(file)) ?? []).toString());
  await nodejsFiles.remove(file);
  await untilGone(child);
});

const start = (command: Command) => runToEnd(command, { notFound: (cause) => cause });

test('commands leave no listener behind, however many run', { skip: !isUnix }, async () => {
  const before = process.listenerCount('exit');
  const running = Array.from({ length: 12 }, () => start(shell('exit 0')));
  assert.equal(process.listenerCount('exit'), before + 1);
  await Promise.all(running);
  assert.equal(process.listenerCount('exit'), before);
});

test('a command that its caller does not want any more is ended', { skip: !isUnix }, async () => {
  const controller = new AbortController();
  const running = processes.run(shell('sleep 60'), controller.signal);
  controller.abort(new Error('not wanted'));
  await assert.rejects(running, /not wanted/);
  await assert.rejects(processes.run(shell('sleep 60'), controller.signal), /not wanted/);
});

test(
  'a command that fails answers its exit code, and one that is killed says so',
  { skip: !isUnix },
  async () => {
    assert.equal((await processes.run(shell('exit 3'))).exitCode, 3);
    await assert.rejects(processes.run(shell('kill -9 $$')), /was ended by SIGKILL/);
    const absent = { ...shell(''), file: '/no/such/program' };
    await assert.rejects(processes.run(absent), { name: 'CommandNotFoundError' });
  },
);

test('a file without an end is not read for ever', { skip: !isUnix }, async () => {
  const tooLarge = { name: 'FileTooLargeError', message: /^\/dev\/zero is longer than/ };
  await assert.rejects(nodejsFiles.read('/dev/zero'), tooLarge);
  await assert.rejects(nodejsFiles.read('/dev/zero', { bytesMax: 10 }), tooLarge);
  assert.equal((await nodejsFiles.read('/dev/null'))?.length, 0);
  assert.equal(await nodejsFiles.read('/no/such/file'), undefined);
});

/** A process that was killed is gone when its parent, or the system, has noticed. */
async function untilGone(pid: number): Promise<void> {
  assert.ok(pid > 0);
  for (let tries = 0; tries < 1_000; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (isZombie(await nodejsFiles.read(`/proc/${pid}/stat`))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`process ${pid} lives on`);
}

function isZombie(stat: Uint8Array | undefined): boolean {
  return stat !== undefined && /\) Z /.test(Buffer.from(stat).toString());
}
