import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackgroundProcesses } from '@fairway/host';
import { MemoryFiles } from '@fairway/host/testing';
import { claimDataDirectory, findRunningCluster } from './data-directory.ts';

/** A machine whose processes are those of `running`, by number and what tells them apart. */
function machine(running: Record<number, string>): {
  files: MemoryFiles;
  background: BackgroundProcesses;
} {
  return {
    files: new MemoryFiles(),
    background: {
      start: () => assert.fail('nothing is started here'),
      identityOf: async (pid) => running[pid],
      signal: () => assert.fail('nobody is signalled here'),
    },
  };
}

test('claimDataDirectory() tells others that a cluster runs, and when it is ready', async () => {
  const host = machine({ 7: 'first' });
  const claim = await claimDataDirectory(host, '/data', 7);
  assert.deepEqual(await findRunningCluster(host, '/data'), { pid: 7, identity: 'first' });
  await assert.rejects(claimDataDirectory(host, '/data', 8), {
    name: 'CommandError',
    message: /runs on it already \(process 7\); stop it with `fairway down --data-dir \/data`/,
  });
  await claim.announce({ url: 'https://a', kubeconfig: '/k' });
  assert.equal((await findRunningCluster(host, '/data'))?.url, 'https://a');
  await claim[Symbol.asyncDispose]();
  assert.equal(await findRunningCluster(host, '/data'), undefined);
});

test('claimDataDirectory() takes over from a process that is gone, or is another one by now', async () => {
  const running: Record<number, string> = { 7: 'first', 8: 'second' };
  const host = machine(running);
  await claimDataDirectory(host, '/data', 7);
  running[7] = 'a stranger with the same number';
  assert.equal(await findRunningCluster(host, '/data'), undefined);
  await claimDataDirectory(host, '/data', 8);
  assert.equal((await findRunningCluster(host, '/data'))?.pid, 8);
});

test('findRunningCluster() takes a damaged record for none', async () => {
  const host = machine({ 7: 'first' });
  for (const text of ['', '{', '[]', 'null', '7', '{"pid":"7"}']) {
    host.files.put('/data/fairway.pid', text);
    assert.equal(await findRunningCluster(host, '/data'), undefined, text);
  }
});
