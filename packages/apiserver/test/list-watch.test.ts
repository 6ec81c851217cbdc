import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protobufTable } from '@fairway/kinds/protobuf';
import { type KubernetesObject, decodeProtobufMessage } from '@fairway/protocol';
import {
  type Answer,
  type TestServer,
  type WatchReader,
  startTestServer,
} from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';

async function create(server: TestServer, name: string, labels = {}): Promise<number> {
  const { json } = await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name, labels }, data: { from: 'create' } },
  });
  return Number(json.metadata.resourceVersion);
}

async function change(server: TestServer, name: string, patch: object): Promise<number> {
  const { json } = await server.expect(200, 'PATCH', `${configMaps}/${name}`, {
    headers: { 'content-type': 'application/merge-patch+json' },
    body: patch,
  });
  return Number(json.metadata.resourceVersion);
}

const names = ({ json }: Answer): string[] =>
  json.items.map(({ metadata }) => metadata?.name ?? '');

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `c${String(from + at).padStart(2, '0')}`);

test('a list in pages is one snapshot, whatever is written meanwhile', async () => {
  await using server = await startTestServer();
  for (const name of numbered(1, 20)) await create(server, name);
  const seen: string[] = [];
  const versions = new Set<string>();
  const remaining: unknown[] = [];
  let token = '';
  do {
    const page = await server.expect(200, 'GET', `${configMaps}?limit=7&continue=${token}`);
    seen.push(...names(page));
    versions.add(page.json.metadata.resourceVersion ?? '');
    remaining.push(page.json.metadata.remainingItemCount);
    token = page.json.metadata.continue ?? '';
    await server.expect(200, 'DELETE', `${configMaps}/${seen.length === 7 ? 'c09' : 'c20'}`);
    await create(server, seen.length === 7 ? 'c09' : 'c20');
    await create(server, `c10-${seen.length}`);
  } while (token !== '');
  assert.deepEqual(seen, numbered(1, 20));
  assert.equal(versions.size, 1);
  assert.deepEqual(remaining, [13, 6, undefined]);
});

test('pages are full also when selectors leave little, and then nobody counts the rest', async () => {
  await using server = await startTestServer();
  for (const [at, name] of numbered(1, 30).entries()) {
    await create(server, name, at % 10 === 9 ? { tenth: 'yes' } : {});
  }
  const first = await server.expect(200, 'GET', `${configMaps}?limit=2&labelSelector=tenth`);
  assert.deepEqual(names(first), ['c10', 'c20']);
  assert.equal(first.json.metadata.remainingItemCount, undefined);
  const next = `${configMaps}?limit=2&labelSelector=tenth&continue=${first.json.metadata.continue}`;
  const second = await server.expect(200, 'GET', next);
  assert.deepEqual(names(second), ['c30']);
  assert.equal(second.json.metadata.continue, undefined);
});

test('a limit below nothing is none', async () => {
  await using server = await startTestServer();
  for (const name of ['a', 'b']) await create(server, name);
  for (const limit of [-1, 0, 9_007_199_254_740_991]) {
    const page = await server.expect(200, 'GET', `${configMaps}?limit=${limit}`);
    assert.deepEqual(names(page), ['a', 'b']);
  }
});

test('a continue token says where to go on, and no more', async () => {
  await using server = await startTestServer();
  for (const name of ['a', 'b', 'c']) await create(server, name);
  const { json } = await server.expect(200, 'GET', `${configMaps}?limit=1`);
  const token = json.metadata.continue ?? '';
  assert.deepEqual(JSON.parse(Buffer.from(token, 'base64url').toString()), {
    v: 'meta.k8s.io/v1',
    rv: Number(json.metadata.resourceVersion),
    start: '/a\u0000',
  });
  const elsewhere = `/api/v1/namespaces/kube-public/configmaps?limit=1&continue=${token}`;
  assert.deepEqual(names(await server.expect(200, 'GET', elsewhere)), []);
  for (const start of ['/../secrets', '/a/../../x', '']) {
    const forged = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start }));
    await server.expect(400, 'GET', `${configMaps}?continue=${forged.toString('base64url')}`);
  }
  await server.expect(400, 'GET', `${configMaps}?continue=${token}&resourceVersion=5`);
  await server.expect(
    422,
    'GET',
    `${configMaps}?continue=${token}&resourceVersion=5&resourceVersionMatch=Exact`,
  );
});

test('an expired continue token is answered with one that goes on in the present', async () => {
  await using server = await startTestServer();
  for (const name of ['a', 'b', 'c']) await create(server, name);
  const first = await server.expect(200, 'GET', `${configMaps}?limit=1`);
  await server.expect(200, 'DELETE', `${configMaps}/b`);
  await server.store.compact(await server.store.currentRevision());
  const path = `${configMaps}?limit=1&continue=`;
  const expired = await server.expect(410, 'GET', path + first.json.metadata.continue);
  assert.equal(expired.json.reason, 'Expired');
  assert.match(expired.json.message, /^The provided continue parameter is too old/);
  const rest = await server.expect(200, 'GET', path + expired.json.metadata.continue);
  assert.deepEqual(names(rest), ['c']);
});

test('the past is closed to lists after five to ten minutes, and watches go on from it', async () => {
  await using server = await startTestServer();
  for (const name of ['a', 'b', 'c']) await create(server, name);
  const first = await server.expect(200, 'GET', `${configMaps}?limit=1`);
  const path = `${configMaps}?limit=1&continue=${first.json.metadata.continue}`;
  const exact = `${configMaps}?resourceVersionMatch=Exact&resourceVersion=`;
  const { resourceVersion = '' } = first.json.metadata;
  await server.clock.advance(299_000);
  // Nothing is closed that nobody has changed since.
  await server.expect(200, 'GET', path);
  await server.expect(200, 'DELETE', `${configMaps}/b`);
  await server.clock.advance(299_000);
  assert.deepEqual(names(await server.expect(200, 'GET', path)), ['b']);
  await server.clock.advance(2_000);
  const expired = await server.expect(410, 'GET', path);
  await server.expect(410, 'GET', exact + resourceVersion);
  const rest = `${configMaps}?limit=1&continue=${expired.json.metadata.continue}`;
  assert.deepEqual(names(await server.expect(200, 'GET', rest)), ['c']);
  const now = (await server.expect(200, 'GET', configMaps)).json.metadata.resourceVersion;
  await server.clock.advance(3_600_000);
  await server.expect(200, 'GET', `${exact}${now}`);
  await using watch = await server.watch(
    `${configMaps}?watch=1&resourceVersion=${resourceVersion}`,
  );
  assert.equal((await watch.next())?.type, 'DELETED');
});

test('a watch from a version to come is silent until it has, or its time is up', async () => {
  await using server = await startTestServer();
  await create(server, 'a');
  const now = Number(await server.store.currentRevision());
  const from = (version: number): string =>
    `${configMaps}?watch=1&timeoutSeconds=60&allowWatchBookmarks=true&resourceVersion=${version}`;
  await using never = await server.watch(from(now + 1_000_000_000));
  const silent = never.next();
  await using soon = await server.watch(from(now + 1));
  const next = soon.next();
  await server.clock.advance(30_000);
  await create(server, 'at-that-version');
  await create(server, 'after');
  assert.equal((await next)?.object.metadata.name, 'after');
  await server.clock.advance(30_000);
  assert.equal(await silent, undefined);
});

test('a watch from a version that is none is refused as in Kubernetes', async () => {
  await using server = await startTestServer();
  const { json } = await server.expect(500, 'GET', `${configMaps}?watch=1&resourceVersion=abc`);
  assert.equal(
    json.message,
    'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  );
  assert.equal(json.reason, undefined);
  await server.expect(400, 'GET', `${configMaps}?resourceVersion=abc`);
});

test('a list is as old as its resourceVersion and the rule for it allow', async () => {
  await using server = await startTestServer();
  const before = await create(server, 'a');
  await create(server, 'b');
  const now = await change(server, 'a', { data: { from: 'change' } });
  const ask = async (query: string): Promise<string> => {
    const { json } = await server.expect(200, 'GET', `${configMaps}?${query}`);
    const from = (json.items as { data?: { from: string } }[]).map(({ data }) => data?.from);
    return `${from.join(',')} at ${json.metadata.resourceVersion}`;
  };
  const present = `change,create at ${now}`;
  const past = `create at ${before}`;
  assert.equal(await ask(''), present);
  assert.equal(await ask('resourceVersion=0'), present);
  assert.equal(await ask(`resourceVersion=${before}`), present);
  assert.equal(await ask(`resourceVersion=${before}&limit=9`), past);
  assert.equal(await ask(`resourceVersion=0&limit=9`), present);
  assert.equal(await ask(`resourceVersion=${before}&resourceVersionMatch=NotOlderThan`), present);
  assert.equal(
    await ask(`resourceVersion=${before}&resourceVersionMatch=NotOlderThan&limit=9`),
    present,
  );
  assert.equal(await ask('resourceVersion=0&resourceVersionMatch=NotOlderThan'), present);
  assert.equal(await ask(`resourceVersion=${before}&resourceVersionMatch=Exact`), past);
  assert.equal(await ask(`resourceVersion=${before}&resourceVersionMatch=Exact&limit=9`), past);
});

test('a version that comes while the caller waits is answered', async () => {
  await using server = await startTestServer();
  const next = (await create(server, 'a')) + 1;
  const list = server.request('GET', `${configMaps}?resourceVersion=${next}`);
  const get = server.request('GET', `${configMaps}/a?resourceVersion=${next}`);
  await server.clock.advance(100);
  await create(server, 'b');
  await server.clock.advance(100);
  assert.deepEqual(names(await list), ['a', 'b']);
  assert.equal((await get).status, 200);
});

test('selectors choose by labels, names and the fields of the kind', async () => {
  await using server = await startTestServer();
  await create(server, 'a', { app: 'web', tier: 'front' });
  await create(server, 'b', { app: 'db' });
  await create(server, 'c');
  const select = async (query: string): Promise<string> =>
    names(await server.expect(200, 'GET', `${configMaps}?${query}`)).join('');
  const table: readonly (readonly [selector: string, expected: string])[] = [
    ['app=web', 'a'],
    ['app==web', 'a'],
    ['app!=web', 'bc'],
    ['app in (web,db)', 'ab'],
    ['app notin (web)', 'bc'],
    ['app', 'ab'],
    ['!app', 'c'],
    ['app,tier!=front', 'b'],
    ['app=web,tier=front', 'a'],
    ['', 'abc'],
  ];
  for (const [selector, expected] of table) {
    assert.equal(await select(`labelSelector=${encodeURIComponent(selector)}`), expected, selector);
  }
  assert.equal(await select('fieldSelector=metadata.name%3Db'), 'b');
  assert.equal(await select('fieldSelector=metadata.name!%3Db'), 'ac');
  assert.equal(await select('fieldSelector=metadata.name%3Db,metadata.namespace%3Ddefault'), 'b');
  assert.equal(await select('fieldSelector=metadata.namespace%3Dother'), '');
  const all = await server.expect(200, 'GET', '/api/v1/configmaps?fieldSelector=metadata.name%3Da');
  assert.deepEqual(names(all), ['a']);
  const secrets = '/api/v1/namespaces/default/secrets';
  await server.expect(201, 'POST', secrets, { body: { metadata: { name: 's' }, type: 'x/y' } });
  const typed = await server.expect(200, 'GET', `${secrets}?fieldSelector=type%3Dx/y`);
  assert.deepEqual(names(typed), ['s']);
  for (const wrong of [
    'labelSelector=a%20b',
    'fieldSelector=data%3Dx',
    'fieldSelector=x',
    'limit=x',
  ]) {
    const { json } = await server.expect(400, 'GET', `${configMaps}?${wrong}`);
    assert.equal(json.reason, 'BadRequest', wrong);
  }
});

test('a watch from a version tells every later change in its order', async () => {
  await using server = await startTestServer();
  const after = await create(server, 'a');
  await create(server, 'b');
  await using watch = await openWatch(server, `resourceVersion=${after}`);
  await change(server, 'a', { data: { x: '1' } });
  await change(server, 'a', { data: { x: '1' } });
  const { json } = await server.expect(200, 'DELETE', `${configMaps}/a`);
  assert.equal(json.kind, 'Status');
  await create(server, 'c');
  assert.deepEqual(await watch.take(2), ['ADDED b', 'MODIFIED a']);
  const deleted = await watch.next();
  assert.equal(deleted?.type, 'DELETED');
  assert.equal(deleted.object.metadata.resourceVersion, String(after + 3));
  assert.equal(deleted.object['data'].x, '1');
  assert.deepEqual(await watch.take(1), ['ADDED c']);
});

test('a watch from nowhere begins with what is there', async () => {
  await using server = await startTestServer();
  for (const name of ['a', 'b']) await create(server, name);
  for (const query of ['', 'resourceVersion=0', 'resourceVersion=']) {
    await using watch = await openWatch(server, query);
    assert.deepEqual(await watch.take(2), ['ADDED a', 'ADDED b'], query);
  }
  await using watch = await openWatch(server, '');
  await watch.take(2);
  await create(server, 'c');
  assert.deepEqual(await watch.take(1), ['ADDED c']);
  await server.expect(200, 'DELETE', `${configMaps}/c`);
  assert.deepEqual(await watch.take(1), ['DELETED c']);
});

test('a streamed list ends with a bookmark that says so', async () => {
  await using server = await startTestServer();
  for (const name of ['a', 'b']) await create(server, name);
  const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  await using watch = await openWatch(server, `${initial}&allowWatchBookmarks=true`);
  assert.deepEqual(await watch.take(2), ['ADDED a', 'ADDED b']);
  const bookmark = await watch.next();
  assert.deepEqual(bookmark, {
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        resourceVersion: String(await server.store.currentRevision()),
        annotations: { 'k8s.io/initial-events-end': 'true' },
      },
    },
  });
  await create(server, 'c');
  assert.deepEqual(await watch.take(1), ['ADDED c']);
  await using none = await openWatch(
    server,
    'sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
  );
  const first = none.next();
  await server.clock.advance(1);
  await create(server, 'd');
  assert.equal((await first)?.object.metadata.name, 'd');
});

test('bookmarks tell a quiet watch how far it has come, every minute and at its end', async () => {
  await using server = await startTestServer();
  const after = await create(server, 'a');
  await using watch = await openWatch(
    server,
    `resourceVersion=${after}&allowWatchBookmarks=true&timeoutSeconds=100`,
  );
  const first = watch.next();
  await server.clock.advance(1);
  await server.expect(201, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'x' } } });
  const current = String(await server.store.currentRevision());
  await server.clock.advance(70_000);
  const event = await first;
  assert.equal(event?.type, 'BOOKMARK');
  assert.deepEqual(event.object.metadata, { resourceVersion: current });
  const second = watch.next();
  await server.clock.advance(30_000);
  assert.equal((await second)?.type, 'BOOKMARK');
  assert.equal(await watch.next(), undefined);
});

test('a watch without bookmarks ends without a word when its time has come', async () => {
  await using server = await startTestServer();
  for (const [query, seconds] of [
    ['timeoutSeconds=2', 2],
    ['', 3_600],
  ] as const) {
    await using watch = await openWatch(
      server,
      `resourceVersion=${await create(server, `w${seconds}`)}&${query}`,
    );
    let isOver = false;
    const next = watch.next().finally(() => (isOver = true));
    await server.clock.advance((seconds / 2) * 1_000 - 1);
    assert.equal(isOver, false);
    await server.clock.advance((seconds / 2) * 1_000 + 1);
    assert.equal(await next, undefined);
  }
  assert.ok(server.clock.pending <= 2, 'only progress and compaction may still be due');
});

test('a watch from a forgotten version is told in its stream to list again', async () => {
  await using server = await startTestServer();
  const old = await create(server, 'a');
  await create(server, 'b');
  await create(server, 'c');
  await server.store.compact(await server.store.currentRevision());
  await using watch = await openWatch(server, `resourceVersion=${old}`);
  const event = await watch.next();
  assert.equal(event?.type, 'ERROR');
  const { reason, message } = event.object;
  assert.equal(reason, 'Expired');
  assert.equal(message, `too old resource version: ${old} (${old + 2})`);
  assert.equal(event.object['code'], 410);
  assert.equal(await watch.next(), undefined);
});

test('an object that enters a selection is ADDED, one that leaves it DELETED as it was', async () => {
  await using server = await startTestServer();
  const after = await create(server, 'a', { app: 'web' });
  await using watch = await openWatch(server, `resourceVersion=${after}&labelSelector=app%3Dweb`);
  await create(server, 'other');
  await change(server, 'a', { data: { x: '1' } });
  const left = await change(server, 'a', { metadata: { labels: { app: 'db' } } });
  await change(server, 'a', { data: { x: '2' } });
  await change(server, 'a', { metadata: { labels: { app: 'web' } } });
  await server.expect(200, 'DELETE', `${configMaps}/a`);
  assert.deepEqual(await watch.take(1), ['MODIFIED a']);
  const gone = await watch.next();
  assert.equal(gone?.type, 'DELETED');
  assert.deepEqual(gone.object.metadata.labels, { app: 'web' });
  assert.equal(gone.object.metadata.resourceVersion, String(left));
  assert.deepEqual(await watch.take(2), ['ADDED a', 'DELETED a']);
});

test('a watch of one name, by selector or by the old path, sees that name alone', async () => {
  await using server = await startTestServer();
  const after = await create(server, 'a');
  await create(server, 'b');
  await change(server, 'a', { data: { x: '1' } });
  for (const path of [
    `${configMaps}?watch=1&fieldSelector=metadata.name%3Da`,
    '/api/v1/watch/namespaces/default/configmaps/a?',
  ]) {
    await using watch = await server.watch(`${path}&resourceVersion=${after}`);
    assert.deepEqual(await watch.take(1), ['MODIFIED a'], path);
  }
});

test('a watch as a table shows the columns once', async () => {
  await using server = await startTestServer();
  const after = await create(server, 'a');
  await using watch = await server.watch(`${configMaps}?watch=1&resourceVersion=${after}`, {
    headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
  });
  for (const name of ['b', 'c']) await create(server, name);
  const first = await watch.next();
  assert.equal(first?.type, 'ADDED');
  assert.equal(first.object.kind, 'Table');
  assert.deepEqual(
    first.object['columnDefinitions'].map(({ name }: { name: string }) => name),
    ['Name', 'Data', 'Age'],
  );
  assert.equal(first.object['rows'][0].cells[0], 'b');
  assert.equal(first.object['rows'][0].object.kind, 'PartialObjectMetadata');
  const second = await watch.next();
  assert.equal(second?.object['columnDefinitions'], null);
  assert.equal(second?.object['rows'][0].cells[0], 'c');
});

test('a watch of metadata leaves the rest out', async () => {
  await using server = await startTestServer();
  await create(server, 'a', { app: 'web' });
  await using watch = await server.watch(`${configMaps}?watch=1`, {
    headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
  });
  const { metadata } = (await server.request('GET', `${configMaps}/a`)).json;
  assert.equal(metadata.labels?.['app'], 'web');
  assert.deepEqual((await watch.next())?.object, {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
  });
});

test('a protobuf watch is a stream of framed events', async () => {
  await using server = await startTestServer();
  const after = await create(server, 'a');
  await using watch = await server.watch(
    `${configMaps}?watch=1&resourceVersion=${after}&timeoutSeconds=5&allowWatchBookmarks=true`,
    {
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
    },
  );
  assert.equal(watch.contentType, 'application/vnd.kubernetes.protobuf;stream=watch');
  await create(server, 'b');
  const added = readFrame(await watch.nextChunk());
  assert.equal(added.type, 'ADDED');
  assert.equal(added.object.metadata?.name, 'b');
  const last = watch.nextChunk();
  await server.clock.advance(5_000);
  const bookmark = readFrame(await last);
  assert.equal(bookmark.type, 'BOOKMARK');
  assert.equal(bookmark.object.metadata?.resourceVersion, String(after + 1));
});

test('a caller that does not read is cut off, and told to list again', async () => {
  await using server = await startTestServer({ store: { watcherEventsMax: 10 } });
  const after = await create(server, 'a');
  await using slow = await openWatch(server, `resourceVersion=${after}`);
  await using quick = await openWatch(server, `resourceVersion=${after}`);
  const first = slow.next();
  await create(server, 'b');
  assert.equal((await first)?.object.metadata.name, 'b');
  assert.deepEqual(await quick.take(1), ['ADDED b']);
  for (const name of numbered(1, 40)) {
    await create(server, name);
    assert.deepEqual(await quick.take(1), [`ADDED ${name}`]);
  }
  const seen: string[] = [];
  for (let event = await slow.next(); event !== undefined; event = await slow.next()) {
    seen.push(event.type === 'ERROR' ? event.object.reason : event.type);
  }
  assert.equal(seen.at(-1), 'Expired');
  assert.ok(seen.length < 20);
});

test('a server that stops ends its watches', async () => {
  const server = await startTestServer();
  const watch = await openWatch(server, 'resourceVersion=1');
  const last = (async () => {
    while ((await watch.next()) !== undefined);
  })();
  await server.clock.advance(1);
  await server[Symbol.asyncDispose]();
  await last;
});

async function openWatch(server: TestServer, query: string): Promise<WatchReader> {
  const watch = await server.watch(`${configMaps}?watch=1&${query}`);
  assert.equal(watch.status, 200);
  return watch;
}

function readFrame(chunk: Uint8Array | undefined) {
  assert.ok(chunk !== undefined);
  const bytes = Buffer.from(chunk);
  assert.equal(bytes.readUInt32BE(0), bytes.length - 4);
  const table = protobufTable();
  const message = 'k8s.io.apimachinery.pkg.apis.meta.v1.WatchEvent';
  const { type, object } = decodeProtobufMessage(message, bytes.subarray(4), table);
  return { type, object: object as KubernetesObject };
}

test('a watch ends when the server stops', async () => {
  await using server = await startTestServer();
  await using watch = await server.watch(`${configMaps}?watch=1`);
  await server.api.close();
  assert.equal(await watch.next(), undefined);
});
