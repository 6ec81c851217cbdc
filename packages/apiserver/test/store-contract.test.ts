import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { createSparseStore } from '@fairway/store/testing';
import { startTestServer, type TestServer } from '@fairway/apiserver/testing';

const hourMs = 60 * 60 * 1_000;

function event(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
    reason: 'Started',
  };
}

async function namesOf(server: TestServer, path: string): Promise<string[]> {
  const { json } = await server.expect(200, 'GET', path);
  return json.items.map(({ metadata }) => metadata?.name ?? '');
}

test('an event goes an hour after its last write, under both its names, as an ordinary deletion', async () => {
  await using server = await startTestServer();
  const core = '/api/v1/namespaces/default/events';
  const renamed = '/apis/events.k8s.io/v1/namespaces/default/events';
  for (const name of ['first', 'again'])
    await server.expect(201, 'POST', core, { body: event(name) });
  const { json } = await server.expect(201, 'POST', renamed, {
    body: {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'renamed' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      action: 'Starting',
      reason: 'Started',
      type: 'Normal',
      regarding: { kind: 'Pod', namespace: 'default', name: 'web' },
      reportingController: 'fairway.example/test',
      reportingInstance: 'test-0',
    },
  });
  await server.clock.advance(hourMs / 2);
  const patch = { headers: { 'content-type': 'application/merge-patch+json' }, body: { count: 2 } };
  await server.expect(200, 'PATCH', `${core}/again`, patch);
  const from = json.metadata.resourceVersion;
  await using watch = await server.watch(`${core}?watch=1&resourceVersion=${from}`);
  await server.clock.advance(hourMs / 2 - 1_000);
  assert.deepEqual(await namesOf(server, core), ['again', 'first', 'renamed']);
  await server.clock.advance(5_000);
  assert.deepEqual(await namesOf(server, renamed), ['again']);
  assert.deepEqual(await watch.take(2), ['MODIFIED again', 'DELETED first']);
  const last = await watch.next();
  assert.deepEqual([last?.type, last?.object.metadata.name], ['DELETED', 'renamed']);
  assert.ok(Number(last?.object.metadata.resourceVersion) > Number(from));
  await server.clock.advance(hourMs);
  assert.deepEqual(await namesOf(server, core), []);
});

test('a read waits for the version that its caller has seen, and goes on as soon as it is there', async () => {
  await using server = await startTestServer();
  const maps = '/api/v1/namespaces/default/configmaps';
  const current = await server.store.currentRevision();
  const reads = [maps, '/api/v1/namespaces/default'].map((path) =>
    server.request('GET', `${path}?resourceVersion=${current + 1}`),
  );
  let answered = 0;
  for (const read of reads) void read.then(() => answered++);
  await settle();
  assert.equal(answered, 0);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  await server.expect(201, 'POST', maps, { body });
  // No time has passed: nobody had to look again.
  assert.deepEqual(
    (await Promise.all(reads)).map(({ status }) => status),
    [200, 200],
  );
  const late = server.request('GET', `${maps}?resourceVersion=${current + 100}`);
  await settle();
  await server.clock.advance(3_000);
  assert.equal((await late).status, 504);
});

test('pages, versions and watches hold where others write to the store too', async () => {
  await using server = await startTestServer({
    openStore: async (options) => createSparseStore(options),
  });
  const maps = '/api/v1/namespaces/default/configmaps';
  const names = Array.from({ length: 25 }, (_, index) => `m-${100 + index}`);
  const make = (name: string) =>
    server.expect(201, 'POST', maps, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
    });
  for (const name of names) await make(name);
  const { json: last } = await server.expect(200, 'GET', `${maps}/m-124`);
  const found: string[] = [];
  let token = '';
  let version = '';
  do {
    const { json } = await server.expect(200, 'GET', `${maps}?limit=4&continue=${token}`);
    found.push(...json.items.map(({ metadata }) => metadata?.name ?? ''));
    token = json.metadata.continue ?? '';
    version = json.metadata.resourceVersion ?? '';
    await make(`n-${found.length}`);
    await server.expect(200, 'DELETE', `${maps}/n-${found.length}`);
  } while (token !== '');
  assert.deepEqual(found, names);
  // A version is a moment: those between two writes are as good as any.
  for (let moment = Number(last.metadata.resourceVersion); moment <= Number(version); moment++) {
    const path = `${maps}?resourceVersion=${moment}&resourceVersionMatch=Exact`;
    assert.deepEqual(await namesOf(server, path), names);
  }
  await using watch = await server.watch(`${maps}?watch=1&resourceVersion=${version}`);
  const expected = [4, 8, 12, 16, 20, 24, 25].flatMap((count) => [
    `ADDED n-${count}`,
    `DELETED n-${count}`,
  ]);
  assert.deepEqual(await watch.take(expected.length), expected);
});
