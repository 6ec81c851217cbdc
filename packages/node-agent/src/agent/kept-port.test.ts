import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFiles } from '@fairway/host/testing';
import { openOnKeptPort } from './kept-port.ts';

test('an agent serves on its port of before, and on another one when somebody has that', async () => {
  const files = new MemoryFiles();
  const taken = new Set<number>();
  const asked: number[] = [];
  let free = 30_000;
  const open = (): Promise<{ readonly port: number }> =>
    openOnKeptPort({ files, rootDirectory: '/node' }, async (port) => {
      asked.push(port);
      if (taken.has(port)) throw new Error('somebody has it');
      return { port: port === 0 ? free++ : port };
    });
  assert.equal((await open()).port, 30_000);
  assert.equal((await open()).port, 30_000);
  taken.add(30_000);
  assert.equal((await open()).port, 30_001);
  assert.equal((await open()).port, 30_001);
  assert.deepEqual(asked, [0, 30_000, 30_000, 0, 30_001]);
  files.put('/node/kubelet-port', 'half a numb');
  taken.add(0);
  await assert.rejects(open(), /somebody has it/);
  assert.equal(asked.at(-1), 0);
});
