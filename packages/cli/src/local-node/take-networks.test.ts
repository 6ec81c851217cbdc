import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFiles } from '@fairway/host/testing';
import { NetworkLocks } from './lock-network.ts';
import { takeNetworks, takePodNetworks } from './take-networks.ts';

const place = {
  dataDirectory: '/data',
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.0.0.0/24',
  nodePodCidr: '10.244.0.0/24',
  isOwn: true,
};

/** SQLite's, of a lock that is held no more. */
const journal = '10.9.0.0_24-journal';

/** A machine whose clusters know of each other by their locks alone. */
function machine() {
  const files = new MemoryFiles();
  const names = new Set([journal]);
  void files.lock(`/run/fairway-networks/${journal}`);
  const lock = (path: string): Promise<AsyncDisposable | undefined> => {
    names.add(path.slice(path.lastIndexOf('/') + 1));
    return files.lock(path);
  };
  const host = { files: { makeDirectory: async () => {}, lock } } as never;
  return { cluster: () => new NetworkLocks(host, { list: async () => [...names] }) };
}

test('no other cluster has the pods or services of one, or a part of them, until it has ended', async () => {
  const { cluster } = machine();
  const first = cluster();
  const second = cluster();
  assert.equal(await takeNetworks(first, place), undefined);
  assert.equal(await takeNetworks(first, place), undefined, 'its own');
  assert.equal(await first.take('10.244.0.128/25'), true, 'a part of its own');
  const why = async (change: Partial<typeof place>): Promise<string> =>
    (await takeNetworks(second, { ...place, ...change })) ?? '';
  assert.match(
    await why({}),
    /^another .* has addresses of 10\.244\.0\.0\/24: give this one others/,
  );
  const pods = { podCidr: '10.63.0.0/16', nodePodCidr: '10.63.0.0/24' };
  assert.match(await why(pods), /10\.0\.0\.0\/24: .* --service-cluster-ip-range/);
  assert.match(await why({ nodePodCidr: '10.244.0.64/26' }), /10\.244\.0\.64\/26/);
  assert.match(await why({ ...pods, serviceCidr: '10.0.0.0/8' }), /10\.0\.0\.0\/8/);
  assert.equal(await why({ nodePodCidr: '10.244.1.0/24', isOwn: false }), '');
  assert.match(await why({ isOwn: false }), /end that one, or join from another machine/);
  await first[Symbol.asyncDispose]();
  assert.equal(await why({ nodePodCidr: '10.9.0.0/24' }), '');
});

test('a node has no pods in a network of another cluster, or outside of the range of its own', async () => {
  const { cluster } = machine();
  const first = cluster();
  const second = cluster();
  await takePodNetworks(first, place, ['10.244.0.0/24']);
  await takePodNetworks(first, place, ['10.244.0.0/24']);
  const joined = { ...place, isOwn: false };
  await assert.rejects(takePodNetworks(second, joined, ['10.244.0.0/24']), /another cluster/);
  await assert.rejects(takePodNetworks(second, joined, ['10.63.0.0/24']), /is not in 10\.244/);
  await takePodNetworks(second, joined, ['10.244.1.0/24']);
  await assert.rejects(takePodNetworks(first, place, ['10.244.1.0/24']), /another cluster/);
});
