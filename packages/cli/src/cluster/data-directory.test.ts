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
  const record = host.files.text('/data/fairway.pid') ?? '';
  running[7] = 'a stranger with the same number';
  assert.equal(await findRunningCluster(host, '/data'), undefined);
  // The lock of a process ends with it.
  const later = machine(running);
  later.files.put('/data/fairway.pid', record);
  const claim = await claimDataDirectory(later, '/data', 8);
  assert.equal(claim.abandonedBy?.pid, 7);
  assert.equal((await findRunningCluster(later, '/data'))?.pid, 8);
});

test('of starts that find the same abandoned record one gets the directory', async () => {
  const host = machine({ 7: 'first', 9: 'third' });
  host.files.put('/data/fairway.pid', JSON.stringify({ pid: 8, identity: 'gone' }));
  const claims = await Promise.allSettled([
    claimDataDirectory(host, '/data', 7),
    claimDataDirectory(host, '/data', 9),
  ]);
  assert.deepEqual(claims.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const [won] = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []));
  assert.equal(won?.abandonedBy?.pid, 8);
  const winner = claims[0].status === 'fulfilled' ? 7 : 9;
  assert.equal((await findRunningCluster(host, '/data'))?.pid, winner);
  await won?.[Symbol.asyncDispose]();
  await (await claimDataDirectory(host, '/data', 9))[Symbol.asyncDispose]();
});

test('a claim that ends leaves the record of another one alone', async () => {
  const host = machine({ 7: 'first', 8: 'second' });
  const claim = await claimDataDirectory(host, '/data', 7);
  const record = JSON.stringify({ pid: 8, identity: 'second' });
  host.files.put('/data/fairway.pid', record);
  await claim[Symbol.asyncDispose]();
  assert.equal(host.files.text('/data/fairway.pid'), record);
});

test('a cluster of an earlier version, which holds no lock, keeps its directory', async () => {
  const host = machine({ 7: 'first', 8: 'second' });
  host.files.put('/data/fairway.pid', JSON.stringify({ pid: 8, identity: 'second' }));
  await assert.rejects(claimDataDirectory(host, '/data', 7), { message: /\(process 8\)/ });
  assert.ok(await host.files.lock('/data/fairway.lock'));
});

test('findRunningCluster() takes a damaged record for none', async () => {
  const host = machine({ 7: 'first' });
  for (const text of ['', '{', '[]', 'null', '7', '{"pid":"7"}']) {
    host.files.put('/data/fairway.pid', text);
    assert.equal(await findRunningCluster(host, '/data'), undefined, text);
  }
});
