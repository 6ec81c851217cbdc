import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '@fairway/host';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { type Store, createMemoryStore } from '@fairway/store';
import { encodeForStore, stampResourceVersion } from '../storage/object-bytes.ts';
import { reclaimAllocations } from './reclaim-allocations.ts';
import { serviceAllocator } from './service-allocator.ts';

const serviceClusterIpRange = '10.0.0.0/24';

test('reclaimAllocations() gives back what no service has, and nothing else', async () => {
  const clock = new ManualClock();
  const store = createMemoryStore({ clock, stamp: stampResourceVersion });
  const allocator = serviceAllocator({
    store,
    clock,
    random: seededRandom(1),
    serviceClusterIpRange,
  });
  const reserve = async (name: string): Promise<KubernetesObject> => {
    const spec = { type: 'NodePort', ports: [{ port: 80 }] };
    const draft = { kind: 'Service', apiVersion: 'v1', metadata: { name, uid: name }, spec };
    await allocator.allocate({ draft, isDryRun: false });
    return draft;
  };
  const write = (name: string, object: KubernetesObject) =>
    store.create(`/registry/services/default/${name}`, encodeForStore(object));
  await write('used', await reserve('used'));
  await reserve('lost');
  const late = await reserve('late');
  const byHand = { kind: 'IPAddress', metadata: { name: '10.0.0.9', uid: 'h' } };
  await store.create('/registry/networking.k8s.io/ipaddresses/10.0.0.9', encodeForStore(byHand));
  const stopping = new AbortController();
  const parts = { store, clock, logger: silentLogger, serviceClusterIpRange };
  const reclaimed = reclaimAllocations({ ...parts, signal: stopping.signal });
  await settle();
  await write('late', late);
  await reserve('new');
  assert.equal((await allocations(store)).length, 9);
  await clock.advance(59_999);
  assert.equal((await allocations(store)).length, 9);
  await clock.advance(1);
  await reclaimed;
  const left = (await allocations(store)).join();
  assert.equal(left.split(',').length, 7);
  assert.doesNotMatch(left, /lost/);
  await store.close();
});

async function allocations(store: Store): Promise<readonly string[]> {
  const addresses = await store.list({ start: '/registry/networking', end: '/registry/o' });
  const ports = await store.list({ start: '/registry/ranges/', end: '/registry/ranges0' });
  return [...addresses.entries, ...ports.entries].map(
    ({ value }) => /"name":"([a-z]+)"/.exec(Buffer.from(value).toString())?.[1] ?? 'by hand',
  );
}
