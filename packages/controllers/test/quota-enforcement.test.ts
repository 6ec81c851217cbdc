import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import { type Store, createMemoryStore } from '@fairway/store';
import { type RunningCluster, startRunningCluster } from './running-cluster.ts';

const controllers = ['resourcequota-controller'];
const quotas = '/api/v1/namespaces/default/resourcequotas';
const secrets = '/api/v1/namespaces/default/secrets';

/** Makes a quota over secrets, and waits until it counts. */
async function addQuota({ server, until }: RunningCluster, hard: number): Promise<void> {
  const body = { metadata: { name: 'q' }, spec: { hard: { secrets: `${hard}` } } };
  await server.expect(201, 'POST', quotas, { body });
  await until('a count', async () => (await used(server)) === '0');
}

async function used(server: TestServer): Promise<string | undefined> {
  const { json } = await server.expect(200, 'GET', `${quotas}/q`);
  return json['status']?.used?.secrets;
}

/** The codes with which so many secrets are answered that are sent at once. */
function writers(server: TestServer, prefix: string, count: number): Promise<readonly number[]> {
  const names = Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
  return Promise.all(
    names.map(async (name) => {
      const answer = await server.request('POST', secrets, { body: { metadata: { name } } });
      return answer.status;
    }),
  );
}

function countOf(codes: readonly number[], code: number): number {
  return codes.filter((each) => each === code).length;
}

/** Lets time pass, and everybody do all that there is to do meanwhile. */
async function letPass({ server: { clock } }: RunningCluster, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    await clock.advance(50);
    for (let turn = 0; turn < 20; turn++) await settle();
  }
}

/** A store in memory, and what a test does to its writes. */
function storeWith(change: (store: Store) => Partial<Store>): {
  readonly openStore: (options: Parameters<typeof createMemoryStore>[0]) => Promise<Store>;
} {
  return {
    openStore: async (options) => {
      const store = createMemoryStore(options);
      const changed = change(store);
      return new Proxy(store, {
        get: (target, name) => {
          const found: unknown = Reflect.get(name in changed ? changed : target, name);
          return typeof found === 'function' ? found.bind(target) : found;
        },
      });
    },
  };
}

test('of 200 writers at once exactly as many pass as a quota allows, for few writes of it', async () => {
  let quotaWrites = 0;
  const counting = storeWith((store) => ({
    update: async (key, ...rest) => {
      if (key.startsWith('/registry/resourcequotas/')) {
        quotaWrites++;
        // A disk takes its time.
        await settle();
      }
      return store.update(key, ...rest);
    },
  }));
  await using cluster = await startRunningCluster({ controllers, ...counting });
  const { server } = cluster;
  await addQuota(cluster, 100);
  quotaWrites = 0;
  const [codes] = await Promise.all([writers(server, 'a', 200), letPass(cluster, 2_000)]);
  assert.equal(countOf(codes, 201), 100);
  assert.equal(countOf(codes, 403), 100);
  assert.ok(quotaWrites <= 20, `${quotaWrites} writes`);
  await letPass(cluster, 1_000);
  assert.equal(await used(server), '100');
  const { json } = await server.expect(200, 'GET', secrets);
  assert.equal(json.items.length, 100);
});

test('a count that comes while objects are being stored gives nothing out twice', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = storeWith((store) => ({
    create: async (key, ...rest) => {
      if (key.startsWith('/registry/secrets/')) await gate.promise;
      return store.create(key, ...rest);
    },
  }));
  await using cluster = await startRunningCluster({ controllers, ...slow });
  const { server } = cluster;
  await addQuota(cluster, 10);
  const first = writers(server, 'a', 15);
  await letPass(cluster, 5_000);
  assert.equal(await used(server), '10');
  assert.equal(countOf(await writers(server, 'b', 5), 403), 5);
  gate.resolve();
  assert.equal(countOf(await first, 201), 10);
  await letPass(cluster, 1_000);
  assert.equal(await used(server), '10');
  assert.equal(countOf(await writers(server, 'c', 5), 403), 5);
});

test('usage is right within a second after deletions, and after writes that came to nothing', async () => {
  await using cluster = await startRunningCluster({ controllers });
  const { server } = cluster;
  await addQuota(cluster, 5);
  await writers(server, 'a', 5);
  for (const at of [0, 1, 2]) await server.expect(200, 'DELETE', `${secrets}/a-${at}`);
  await letPass(cluster, 1_000);
  assert.equal(await used(server), '2');
  // Charged, and then the name is taken.
  await server.expect(409, 'POST', secrets, { body: { metadata: { name: 'a-4' } } });
  assert.equal(await used(server), '3');
  await letPass(cluster, 1_000);
  assert.equal(await used(server), '2');
  assert.equal(countOf(await writers(server, 'b', 5), 201), 3);
});

test('what a server that died had charged is free within a second of the start of the next one', async () => {
  const gate = Promise.withResolvers<void>();
  const dying = storeWith((store) => ({
    create: async (key, ...rest) => {
      if (key.startsWith('/registry/secrets/')) await gate.promise;
      return store.create(key, ...rest);
    },
  }));
  await using first = await startTestServer(dying);
  const hard = { secrets: '5' };
  const body = { metadata: { name: 'q' }, spec: { hard } };
  await first.expect(201, 'POST', quotas, { body });
  const counted = { ...body, status: { hard, used: { secrets: '0' } } };
  await first.expect(200, 'PUT', `${quotas}/q/status`, { body: counted });
  // Which namespaces have quotas is followed.
  await settle();
  const lost = writers(first, 'lost', 3);
  while ((await used(first)) !== '3') await settle();
  // All that a server which is killed now leaves behind.
  const { entries } = await first.store.list({ start: '/registry/', end: '/registry0' });
  gate.resolve();
  await lost;
  const openStore: typeof dying.openStore = async (options) => {
    const store = createMemoryStore(options);
    for (const { key, value } of entries) await store.create(key, value);
    return store;
  };
  await using next = await startRunningCluster({ controllers, openStore });
  await letPass(next, 1_000);
  assert.equal(await used(next.server), '0');
});
