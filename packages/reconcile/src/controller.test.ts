import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin } from '@fairway/apiserver/testing';
import { ConnectionError } from '@fairway/client';
import { settle } from '@fairway/host/testing';
import type {
  Handler,
  HttpResponse,
  KubernetesObject,
  ResourceDescriptor,
} from '@fairway/protocol';
import { ConfigMap, configMap, startTestCluster } from '../test/test-cluster.ts';
import { type ReconcileRequest, createController } from './controller.ts';
import type { EventRecorder } from './events/event-recorder.ts';
import { createLeaderElector } from './leader-election/leader-elector.ts';
import { controllerReference } from './owner-references.ts';
import { TerminalError, requeueAfter } from './reconcile-loop.ts';

test('createController() reconciles what exists, what changes, and what goes', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  await client.create(ConfigMap, configMap('a'));
  const calls: string[] = [];
  const controller = createController(client, ConfigMap, {
    namespace: 'default',
    reconcile: async ({ key, object }) => {
      calls.push(`${key} ${object === undefined ? 'gone' : (object.data?.['v'] ?? '-')}`);
    },
  });
  const stopping = new AbortController();
  const running = controller.run({ signal: stopping.signal });
  await settle();
  await client.patch(ConfigMap, 'a', { merge: { data: { v: '2' } } });
  await settle();
  await client.delete(ConfigMap, 'a');
  await settle();
  assert.deepEqual(calls, ['default/a -', 'default/a 2', 'default/a gone']);
  stopping.abort();
  await running;
});

test('createController() lets a reconciliation read its own writes', async () => {
  await using cluster = await startTestCluster();
  const { signal } = cluster;
  // Events come later than answers, as they may over any network.
  const client = cluster.clientFor(admin, (handler) => async (request) => {
    const response = await handler(request);
    const { body } = response;
    if (!request.query.includes('watch') || !isStream(body)) return response;
    return { ...response, body: delayed(body) };
  });
  await client.create(ConfigMap, configMap('counter', { seen: '0' }));
  let writes = 0;
  const behind: number[] = [];
  void createController(client, ConfigMap, {
    namespace: 'default',
    reconcile: async ({ object, reached }) => {
      const seen = Number(object?.data?.['seen']);
      if (seen !== writes) behind.push(seen);
      if (seen === 5) return undefined;
      writes += 1;
      const merge = { data: { seen: String(writes) } };
      await reached(await client.patch(ConfigMap, 'counter', { merge }));
      return requeueAfter(1);
    },
  }).run({ signal });
  for (let step = 0; step < 100; step++) await cluster.server.clock.advance(10);
  assert.equal(writes, 5);
  assert.deepEqual(behind, []);
});

function isStream(body: HttpResponse['body']): body is AsyncIterable<Uint8Array> {
  return body !== undefined && !(body instanceof Uint8Array);
}

async function* delayed(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (let turn = 0; turn < 4; turn++) await settle();
    yield chunk;
  }
}

test('createController() reconciles the owner when what it owns changes', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  const owner = await client.create(ConfigMap, configMap('owner'));
  const calls: string[] = [];
  const running = createController(client, ConfigMap, {
    owns: [ConfigMap],
    namespace: 'default',
    filter: ({ object }) => object.metadata?.name === 'owner',
    reconcile: async ({ name }) => void calls.push(name),
  }).run({ signal });
  await settle();
  calls.length = 0;
  const references = [controllerReference(ConfigMap, owner)];
  await client.create(ConfigMap, { metadata: { name: 'owned', ownerReferences: references } });
  await settle();
  assert.deepEqual(calls, ['owner']);
  await client.patch(ConfigMap, 'owned', { merge: { metadata: { ownerReferences: [] } } });
  await settle();
  assert.deepEqual(calls, ['owner', 'owner']);
  void running;
});

test('createController() tries again what failed, comes back when asked, and drops what is hopeless', async () => {
  await using cluster = await startTestCluster();
  const { client, server, signal } = cluster;
  for (const name of ['failing', 'patient', 'hopeless'])
    await client.create(ConfigMap, configMap(name));
  const calls = new Map<string, number>();
  void createController(client, ConfigMap, {
    namespace: 'default',
    reconcile: async ({ name }) => {
      const count = (calls.get(name) ?? 0) + 1;
      calls.set(name, count);
      if (name === 'hopeless') throw new TerminalError('never');
      if (name === 'patient') return requeueAfter('30s');
      if (count < 4) throw new Error('not yet');
      return undefined;
    },
  }).run({ signal });
  await server.clock.advance(1_000);
  assert.deepEqual(Object.fromEntries(calls), { failing: 4, patient: 1, hopeless: 1 });
  await server.clock.advance(60_000);
  assert.deepEqual(Object.fromEntries(calls), { failing: 4, patient: 3, hopeless: 1 });
});

test('createController() comes back soon to what failed for want of a server, however long that was', async () => {
  await using cluster = await startTestCluster();
  const { client, server, signal } = cluster;
  await client.create(ConfigMap, configMap('a'));
  let calls = 0;
  void createController(client, ConfigMap, {
    namespace: 'default',
    reconcile: async () => {
      calls += 1;
      throw new ConnectionError({ problem: 'refused', message: 'nobody listens' });
    },
  }).run({ signal });
  await server.clock.advance(600_000);
  const before = calls;
  assert.ok(before <= 301, `${before} tries in ten minutes`);
  await server.clock.advance(4_000);
  assert.ok(calls > before, 'and one more within four seconds');
});

test('createController() works on as many objects at once as it may, and on each only once', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  for (const name of ['a', 'b', 'c']) await client.create(ConfigMap, configMap(name));
  const working = new Set<string>();
  let workingMost = 0;
  const gates: (() => void)[] = [];
  void createController(client, ConfigMap, {
    namespace: 'default',
    concurrency: 2,
    reconcile: async ({ key }) => {
      assert.ok(!working.has(key));
      working.add(key);
      workingMost = Math.max(workingMost, working.size);
      await new Promise<void>((resolve) => gates.push(resolve));
      working.delete(key);
    },
  }).run({ signal });
  await settle();
  await client.patch(ConfigMap, 'a', { merge: { data: { v: '2' } } });
  for (let round = 0; round < 4; round++) {
    await settle();
    gates.shift()?.();
  }
  await settle();
  assert.equal(workingMost, 2);
  assert.equal(gates.length, 0);
});

test('createController() waits for the work under way when it stops, 30 s at most', async () => {
  await using cluster = await startTestCluster();
  const { client, server } = cluster;
  await client.create(ConfigMap, configMap('a'));
  const stopping = new AbortController();
  let isAborted = false;
  const running = createController(client, ConfigMap, {
    namespace: 'default',
    reconcile: async ({ signal }) => {
      signal.addEventListener('abort', () => (isAborted = true));
      await new Promise(() => {});
    },
  }).run({ signal: stopping.signal });
  await settle();
  stopping.abort();
  let hasEnded = false;
  void running.then(() => (hasEnded = true));
  await server.clock.advance(29_000);
  assert.deepEqual([isAborted, hasEnded], [true, false]);
  await server.clock.advance(1_000);
  assert.equal(hasEnded, true);
});

test('createController() fails when the API cannot be listed in time, and names what', async () => {
  await using cluster = await startTestCluster();
  const deaf = cluster.clientFor(
    { username: 'x', groups: [] },
    (): Handler => () => new Promise(() => {}),
  );
  const running = createController(deaf, ConfigMap, { reconcile: async () => {} }).run(cluster);
  const failed = assert.rejects(running, /configmaps could not list configmaps within 120000 ms/);
  await cluster.server.clock.advance(121_000);
  await failed;
});

test('createController() works only while it leads', async () => {
  await using cluster = await startTestCluster();
  const { client, server } = cluster;
  await client.create(ConfigMap, configMap('a'));
  const lease = { namespace: 'default', name: 'operator' };
  const calls: string[] = [];
  const start = (identity: string) => {
    const stopping = new AbortController();
    const running = createController(client, ConfigMap, {
      namespace: 'default',
      elector: createLeaderElector({ client, lease, identity }),
      reconcile: async ({ name }) => void calls.push(`${identity} ${name}`),
    }).run({ signal: stopping.signal });
    return { running, stop: () => stopping.abort() };
  };
  const one = start('one');
  await settle();
  const two = start('two');
  await server.clock.advance(30_000);
  assert.deepEqual(calls, ['one a']);
  one.stop();
  await one.running;
  await server.clock.advance(6_000);
  assert.deepEqual(calls, ['one a', 'two a']);
  two.stop();
  await two.running;
});

test('createController() records events about its object, under its name', async () => {
  await using cluster = await startTestCluster();
  const { client, server, signal } = cluster;
  await client.create(ConfigMap, configMap('a'));
  const text = { type: 'Normal', reason: 'Seen', message: 'saw it' } as const;
  const recorded: string[] = [];
  const recorder: EventRecorder = {
    record: ({ kind }, { metadata }, { reason }) =>
      void recorded.push(`${kind} ${metadata?.namespace}/${metadata?.name} ${reason}`),
    flushed: async () => {},
  };
  const options = {
    namespace: 'default',
    reconcile: async ({ record }: ReconcileRequest<ConfigMap>) => record(text),
  };
  void createController(client, ConfigMap, { ...options, recorder }).run({ signal });
  void createController(client, ConfigMap, { ...options, name: 'seer' }).run({ signal });
  await settle();
  await client.delete(ConfigMap, 'a');
  await server.clock.advance(1_000);
  // Of an object that is gone its name is known.
  assert.deepEqual(recorded, ['ConfigMap default/a Seen', 'ConfigMap default/a Seen']);
  const { items } = await client.list(Event).all();
  assert.deepEqual(
    items.map(({ reportingComponent, involvedObject }) => [
      reportingComponent,
      involvedObject.name,
    ]),
    [
      ['seer', 'a'],
      ['seer', 'a'],
    ],
  );
});

test('createController() ends when its last events are sent', async () => {
  await using cluster = await startTestCluster();
  await cluster.client.create(ConfigMap, configMap('a'));
  const stopping = new AbortController();
  const slow = Promise.withResolvers<void>();
  const client = cluster.clientFor(admin, (next) => async (request) => {
    if (request.method === 'POST') await slow.promise;
    return next(request);
  });
  const said = { type: 'Normal', reason: 'Seen', message: 'saw it' } as const;
  const running = createController(client, ConfigMap, {
    namespace: 'default',
    reconcile: async ({ record }) => {
      record(said);
      stopping.abort();
    },
  }).run({ signal: stopping.signal });
  await settle();
  slow.resolve();
  await running;
  assert.equal((await cluster.client.list(Event).all()).items.length, 1);
});

interface Event extends KubernetesObject {
  readonly reportingComponent: string;
  readonly involvedObject: { readonly name: string };
}

const Event: ResourceDescriptor<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  isNamespaced: true,
};

test('createController() looks at every object again after a while', async () => {
  await using cluster = await startTestCluster();
  const { client, server, signal } = cluster;
  await client.create(ConfigMap, configMap('a'));
  let count = 0;
  void createController(client, ConfigMap, {
    namespace: 'default',
    resyncMs: 100_000,
    filter: ({ type }) => type === 'added',
    reconcile: async () => void count++,
  }).run({ signal });
  await server.clock.advance(89_000);
  assert.equal(count, 1);
  await server.clock.advance(22_000);
  assert.equal(count, 2);
});
