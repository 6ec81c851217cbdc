import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stampResourceVersion } from '@fairway/apiserver';
import { ManualClock, settle } from '@fairway/host/testing';
import {
  createMemoryStore,
  openSqliteStore,
  type Store,
  StoreUnavailableError,
} from '@fairway/store';
import { startTestServer, type TestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';

function configMap(name: string, sizeBytes: number): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { text: 'x'.repeat(sizeBytes) },
  };
}

async function create(server: TestServer, name: string, sizeBytes = 400_000): Promise<number> {
  const { status } = await server.request('POST', configMaps, { body: configMap(name, sizeBytes) });
  return status;
}

// A look at the disk happens in another thread, and the next one waits for its time.
/** Its thread recovers in real time, however many turns that is: the test's timeout is the bound. */
async function untilWell({ clock, store }: TestServer): Promise<void> {
  while ((await store.problem()) !== undefined) await clock.advance(100);
}

test('a full disk answers 503 with the reason, is not ready, and recovers by itself', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-full-'));
  t.after(() => rm(directory, { recursive: true }));
  await using server = await startTestServer({
    openStore: (shared) => openSqliteStore({ ...shared, directory, fileBytesMax: 4_000_000 }),
  });
  const from = await server.store.currentRevision();
  await using watch = await server.watch(`${configMaps}?watch=1&resourceVersion=${from}`);
  const kept: string[] = [];
  let number = 0;
  while ((await create(server, `c-${number}`)) === 201) kept.push(`c-${number++}`);
  assert.ok(kept.length > 2);
  const { json } = await server.expect(503, 'POST', configMaps, {
    body: configMap('lost', 400_000),
  });
  assert.deepEqual(
    [json.kind, json.reason, json['code'], json.message],
    [
      'Status',
      'ServiceUnavailable',
      503,
      'the storage of this server is not available: the disk is full or the store has reached its largest size',
    ],
  );
  const ready = await server.expect(500, 'GET', '/readyz');
  assert.match(
    ready.text,
    /^\[\+\]ping ok\n\[-\]storage failed: the disk is full .*\nreadyz check/,
  );
  await server.expect(500, 'GET', '/healthz');
  await server.expect(200, 'GET', '/livez');
  await server.expect(200, 'GET', configMaps);
  for (const name of ['c-0', 'c-1']) await server.expect(200, 'DELETE', `${configMaps}/${name}`);
  await untilWell(server);
  await server.expect(200, 'GET', '/readyz');
  assert.equal(await create(server, 'after'), 201);
  const expected = [
    ...kept.map((name) => `ADDED ${name}`),
    'DELETED c-0',
    'DELETED c-1',
    'ADDED after',
  ];
  assert.deepEqual(await watch.take(expected.length), expected);
});

test('a store that is not available is no failure of a watch that it ends', async () => {
  await using server = await startTestServer({
    openStore: async (shared): Promise<Store> => createMemoryStore(shared),
  });
  await server.store.close();
  const { json } = await server.expect(503, 'GET', configMaps);
  assert.equal(json.message, 'the storage of this server is not available: it is closed');
  await using watch = await server.watch(`${configMaps}?watch=1&resourceVersion=1`);
  const event = await watch.next();
  assert.deepEqual([event?.type, event?.object['code']], ['ERROR', 503]);
});

test('a server that cannot start leaves no timer and no watch behind', async () => {
  const definitions = '/registry/apiextensions.k8s.io/customresourcedefinitions/';
  for (const lost of ['/registry/endpoints/', definitions]) {
    const clock = new ManualClock();
    const store = createMemoryStore({ stamp: stampResourceVersion, clock });
    const watches: AbortSignal[] = [];
    const starting = startTestServer({
      clock,
      openStore: async () => failingOn(lost, store, watches),
    });
    await assert.rejects(starting, /gone/);
    assert.ok(watches.length > 0 || lost !== definitions);
    assert.ok(
      watches.every(({ aborted }) => aborted),
      lost,
    );
    // What was begun side by side ends with what failed, and not at the same moment.
    await settle();
    await store.close();
    assert.equal(clock.pending, 0, lost);
  }
});

/** A store that cannot make or list keys of a prefix, and notes the signals of its watches. */
function failingOn(prefix: string, store: Store, watches: AbortSignal[]): Store {
  const failing: Partial<Store> = {
    async create(key, ...rest) {
      if (key.startsWith(prefix)) throw isGone();
      return store.create(key, ...rest);
    },
    async list(range, options) {
      if (range.start.startsWith(prefix)) throw isGone();
      return store.list(range, options);
    },
    watch(range, after, signal) {
      watches.push(signal);
      return store.watch(range, after, signal);
    },
  };
  return new Proxy(store, {
    get(_, name) {
      const member: unknown = Reflect.get(failing, name) ?? Reflect.get(store, name);
      return typeof member === 'function' ? member.bind(store) : member;
    },
  });
}

function isGone(): StoreUnavailableError {
  return new StoreUnavailableError('the store is gone', { reason: 'it is gone' });
}
