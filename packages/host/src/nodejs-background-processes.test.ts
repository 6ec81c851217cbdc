import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodejsBackgroundProcesses as background } from './nodejs-background-processes.ts';

test('nodejsBackgroundProcesses starts, tells apart and ends a process', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-host-'));
  try {
    const logFile = join(directory, 'log');
    const child = await background.start({
      file: process.execPath,
      arguments: ['-e', 'console.log(process.cwd()); setInterval(() => {}, 1000)'],
      environment: process.env,
      workingDirectory: directory,
      logFile,
    });
    const identity = await background.identityOf(child.pid);
    assert.ok(identity !== undefined);
    assert.equal(await background.identityOf(child.pid), identity);
    assert.notEqual(await background.identityOf(process.pid), identity);
    background.signal(child.pid, 'SIGKILL');
    await child.ended;
    assert.equal(await background.identityOf(child.pid), undefined);
    background.signal(child.pid, 'SIGTERM');
    assert.match(await readFile(logFile, 'utf8'), /^(.*fairway-host-.*\n)?$/);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('nodejsBackgroundProcesses.start() says when there is no such program', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-host-'));
  try {
    const starting = background.start({
      file: join(directory, 'nothing'),
      arguments: [],
      environment: {},
      workingDirectory: directory,
      logFile: join(directory, 'log'),
    });
    await assert.rejects(starting, { code: 'ENOENT' });
  } finally {
    await rm(directory, { recursive: true });
  }
});
