import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protobufTable } from '@fairway/kinds/protobuf';
import { decodeKubernetesProtobuf, encodeKubernetesProtobuf } from '@fairway/protocol';
import { seededRandom } from '@fairway/host/testing';
import { type AnyObject, type TestServer, startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const services = '/api/v1/namespaces/default/services';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

const mergePatch = { 'content-type': 'application/merge-patch+json' };
const strategicPatch = { 'content-type': 'application/strategic-merge-patch+json' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };

async function withDefaultAccount(server: TestServer): Promise<void> {
  const body = { metadata: { name: 'default' } };
  await server.request('POST', '/api/v1/namespaces/default/serviceaccounts', { body });
}

const podSpec = { containers: [{ name: 'c', image: 'nginx' }] };

const deployment = (spec: object = {}): object => ({
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: podSpec },
    ...spec,
  },
});

test('of writers that read the same version one wins, and nothing is lost', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c' } } });
  let conflicts = 0;
  const read = async (): Promise<AnyObject> =>
    (await server.expect(200, 'GET', `${configMaps}/c`)).json;
  // All start from the same version, or those that are answered in turn would never meet.
  const first = await read();
  const increment = async (): Promise<void> => {
    for (let json = first; ; json = await read()) {
      const count = Number((json['data'] as { count?: string } | undefined)?.count ?? 0) + 1;
      const body = { ...json, data: { count: String(count) } };
      const { status } = await server.request('PUT', `${configMaps}/c`, { body });
      if (status === 200) return;
      assert.equal(status, 409);
      conflicts++;
    }
  };
  await Promise.all(Array.from({ length: 100 }, increment));
  const { data } = await read();
  assert.equal(data.count, '100');
  assert.ok(conflicts >= 99);
});

test('patches of different fields at once all count', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c' } } });
  // As many as are tried again without a caller that asks again.
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 4 }, (_, at) =>
        server.expect(200, 'PATCH', `${configMaps}/c`, {
          headers: mergePatch,
          body: { data: { [`k${round}-${at}`]: 'x' } },
        }),
      ),
    );
  }
  const { json } = await server.expect(200, 'GET', `${configMaps}/c`);
  assert.equal(Object.keys(json['data'] as object).length, 40);
});

test('of creates of one name at once one wins', async () => {
  await using server = await startTestServer();
  const creates = Array.from({ length: 20 }, () =>
    server.request('POST', configMaps, { body: { metadata: { name: 'one' } } }),
  );
  const codes = (await Promise.all(creates)).map(({ status }) => status);
  assert.deepEqual(codes.sort(), [201, ...Array<number>(19).fill(409)]);
});

test('generateName makes names that are free and fit', async () => {
  await using server = await startTestServer();
  const generated = new Set<string>();
  for (let at = 0; at < 50; at++) {
    const body = { metadata: { generateName: 'a-' } };
    const { json } = await server.expect(201, 'POST', configMaps, { body });
    assert.match(json.metadata.name ?? '', /^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    generated.add(json.metadata.name ?? '');
  }
  assert.equal(generated.size, 50);
  const { json } = await server.expect(201, 'POST', configMaps, {
    body: { metadata: { generateName: 'x'.repeat(80) } },
  });
  assert.equal(json.metadata.name?.length, 63);
});

test('a dry run answers as the write would, and leaves no trace', async () => {
  await using server = await startTestServer();
  await withDefaultAccount(server);
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c' } } });
  await server.expect(201, 'POST', deployments, { body: deployment() });
  const before = await server.store.currentRevision();
  const dry = '?dryRun=All';
  const created = await server.expect(201, 'POST', services + dry, {
    body: { metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } },
  });
  assert.match(created.json['spec'].clusterIP as string, /^10\.0\.0\.\d+$/);
  assert.equal(created.json.metadata.resourceVersion, undefined);
  const patched = await server.expect(200, 'PATCH', `${configMaps}/c${dry}`, {
    headers: mergePatch,
    body: { data: { a: 'b' } },
  });
  assert.deepEqual(patched.json['data'], { a: 'b' });
  await server.expect(200, 'PUT', `${configMaps}/c${dry}`, {
    body: { metadata: { name: 'c' }, data: { x: 'y' } },
  });
  await server.expect(200, 'DELETE', `${configMaps}/c${dry}`);
  await server.expect(200, 'DELETE', `${configMaps}/c`, { body: { dryRun: ['All'] } });
  await server.expect(200, 'DELETE', configMaps + dry);
  await server.expect(200, 'PATCH', `${deployments}/web/scale${dry}`, {
    headers: mergePatch,
    body: { spec: { replicas: 7 } },
  });
  await server.expect(201, 'POST', pods + dry, {
    body: { metadata: { name: 'p' }, spec: podSpec },
  });
  assert.equal(await server.store.currentRevision(), before);
});

test('a write that changes nothing keeps the version', async () => {
  await using server = await startTestServer();
  const { json } = await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'c' }, data: { a: 'b' } },
  });
  const { resourceVersion } = json.metadata;
  const put = await server.expect(200, 'PUT', `${configMaps}/c`, {
    body: { metadata: { name: 'c' }, data: { a: 'b' } },
  });
  assert.equal(put.json.metadata.resourceVersion, resourceVersion);
  const patched = await server.expect(200, 'PATCH', `${configMaps}/c`, {
    headers: mergePatch,
    body: { data: { a: 'b' }, metadata: { labels: {} } },
  });
  assert.equal(patched.json.metadata.resourceVersion, resourceVersion);
});

test('the generation counts changes of what is wanted, and of nothing else', async () => {
  await using server = await startTestServer();
  const generationAfter = async (body: object, path = ''): Promise<number | undefined> => {
    const { json } = await server.expect(200, 'PATCH', `${deployments}/web${path}`, {
      headers: mergePatch,
      body,
    });
    return json.metadata.generation;
  };
  const { json } = await server.expect(201, 'POST', deployments, {
    body: { ...deployment(), status: { replicas: 9 } },
  });
  assert.equal(json.metadata.generation, 1);
  assert.equal(json['status']?.replicas, undefined);
  assert.equal(await generationAfter({ metadata: { labels: { a: 'b' } } }), 1);
  assert.equal(await generationAfter({ spec: { replicas: 3 } }), 2);
  assert.equal(await generationAfter({ status: { replicas: 3 } }), 2);
  assert.equal(await generationAfter({ metadata: { generation: 99 } }), 2);
  const status = { status: { replicas: 3, observedGeneration: 2 }, spec: { replicas: 44 } };
  assert.equal(await generationAfter(status, '/status'), 2);
  const { json: after } = await server.expect(200, 'GET', `${deployments}/web`);
  assert.equal(after['spec'].replicas, 3);
  assert.equal(after['status'].replicas, 3);
});

test('what a server says of an object its callers cannot unsay', async () => {
  await using server = await startTestServer();
  const { json: created } = await server.expect(201, 'POST', configMaps, {
    body: {
      metadata: {
        name: 'c',
        uid: 'mine',
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
        generation: 5,
        selfLink: '/x',
      },
    },
  });
  assert.notEqual(created.metadata.uid, 'mine');
  assert.equal(created.metadata.creationTimestamp, '2026-01-01T00:00:00Z');
  assert.equal(created.metadata.deletionTimestamp, undefined);
  const { json: changed } = await server.expect(200, 'PATCH', `${configMaps}/c`, {
    headers: mergePatch,
    body: {
      metadata: {
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
        annotations: { a: 'b' },
      },
    },
  });
  const { uid, creationTimestamp } = created.metadata;
  const { annotations, ...rest } = changed.metadata;
  assert.deepEqual(annotations, { a: 'b' });
  assert.deepEqual([rest.uid, rest.creationTimestamp], [uid, creationTimestamp]);
  assert.equal(rest.deletionTimestamp, undefined);
  const immutable = await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'i' }, data: { a: 'b' }, immutable: true },
  });
  assert.equal(immutable.json['immutable'], true);
  const { json } = await server.expect(422, 'PATCH', `${configMaps}/i`, {
    headers: mergePatch,
    body: { data: { a: 'c' } },
  });
  assert.match(json.message, /data: Forbidden: field is immutable when `immutable` is set/);
  const selector = { spec: { selector: { matchLabels: { app: 'x' } } } };
  await server.expect(201, 'POST', deployments, { body: deployment() });
  const refused = await server.expect(422, 'PATCH', `${deployments}/web`, {
    headers: mergePatch,
    body: {
      spec: { ...selector.spec, template: { metadata: { labels: { app: 'x' } } } },
    },
  });
  assert.match(refused.json.message, /spec\.selector: Invalid value.*field is immutable/);
});

test('preconditions hold a delete to the object that the caller has seen', async () => {
  await using server = await startTestServer();
  const { json } = await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'c' } },
  });
  const { uid, resourceVersion } = json.metadata;
  for (const preconditions of [{ uid: 'other' }, { resourceVersion: '1' }]) {
    const refused = await server.expect(409, 'DELETE', `${configMaps}/c`, {
      body: { preconditions },
    });
    assert.match(refused.json.message, /the (UID|ResourceVersion) in the precondition/);
  }
  await server.expect(200, 'DELETE', `${configMaps}/c`, {
    body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } },
  });
  await server.expect(404, 'DELETE', `${configMaps}/c`);
});

test('an object with finalizers goes when the last one is taken off', async () => {
  await using server = await startTestServer();
  const finalizers = ['example.com/a', 'example.com/b'];
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c', finalizers } } });
  const { json } = await server.expect(200, 'DELETE', `${configMaps}/c`);
  assert.equal(json.kind, 'ConfigMap');
  assert.equal(json.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
  assert.equal(json.metadata.deletionGracePeriodSeconds, 0);
  const again = await server.expect(200, 'DELETE', `${configMaps}/c`);
  assert.equal(again.json.metadata.resourceVersion, json.metadata.resourceVersion);
  const setFinalizers = (code: number, list: readonly string[]) =>
    server.expect(code, 'PATCH', `${configMaps}/c`, {
      headers: mergePatch,
      body: { metadata: { finalizers: list } },
    });
  const added = await setFinalizers(422, [...finalizers, 'example.com/c']);
  assert.match(added.json.message, /no new finalizers can be added if the object is being deleted/);
  const { json: last } = await setFinalizers(200, ['example.com/b']);
  await server.expect(200, 'GET', `${configMaps}/c`);
  // As a real server answers: with what was asked for, at the version that it was made from.
  const { json: gone } = await setFinalizers(200, []);
  assert.equal(gone.metadata.resourceVersion, last.metadata.resourceVersion);
  assert.deepEqual(gone.metadata.finalizers ?? [], []);
  assert.equal(gone.metadata.deletionTimestamp, json.metadata.deletionTimestamp);
  await server.expect(404, 'GET', `${configMaps}/c`);
});

test('the propagation policy stays as a finalizer for whoever collects the dependents', async () => {
  await using server = await startTestServer();
  for (const [policy, finalizers] of [
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ] as const) {
    const name = policy.toLowerCase();
    await server.expect(201, 'POST', configMaps, { body: { metadata: { name } } });
    const path = `${configMaps}/${name}?propagationPolicy=${policy}`;
    const { json } = await server.expect(200, 'DELETE', path);
    assert.deepEqual(json.metadata.finalizers, finalizers);
  }
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'b' } } });
  const { json } = await server.expect(
    200,
    'DELETE',
    `${configMaps}/b?propagationPolicy=Background`,
  );
  assert.equal(json.kind, 'Status');
});

test('a pod that no node has goes at once, one that a node has after its grace', async () => {
  await using server = await startTestServer();
  await withDefaultAccount(server);
  const create = (name: string, spec: object) =>
    server.expect(201, 'POST', pods, {
      body: { metadata: { name }, spec: { ...podSpec, ...spec } },
    });
  await create('free', {});
  assert.equal((await server.expect(200, 'DELETE', `${pods}/free`)).json.kind, 'Pod');
  await server.expect(404, 'GET', `${pods}/free`);
  await create('bound', { nodeName: 'n1' });
  const { json } = await server.expect(200, 'DELETE', `${pods}/bound`);
  assert.equal(json.metadata.deletionTimestamp, '2026-01-01T00:00:30Z');
  assert.equal(json.metadata.deletionGracePeriodSeconds, 30);
  assert.equal(json.metadata.generation, 2);
  const shorter = await server.expect(200, 'DELETE', `${pods}/bound?gracePeriodSeconds=5`);
  assert.equal(shorter.json.metadata.deletionTimestamp, '2026-01-01T00:00:05Z');
  const longer = await server.expect(200, 'DELETE', `${pods}/bound?gracePeriodSeconds=50`);
  assert.equal(longer.json.metadata.deletionGracePeriodSeconds, 5);
  await server.expect(200, 'DELETE', `${pods}/bound?gracePeriodSeconds=0`);
  await server.expect(404, 'GET', `${pods}/bound`);
});

test('a pod that goes at once is told of twice: that it is going, and that it has gone', async () => {
  await using server = await startTestServer();
  await withDefaultAccount(server);
  for (const [name, query] of [
    ['free', ''],
    ['forced', '?gracePeriodSeconds=0'],
  ] as const) {
    const spec = name === 'forced' ? { ...podSpec, nodeName: 'n1' } : podSpec;
    const created = await server.expect(201, 'POST', pods, { body: { metadata: { name }, spec } });
    const { resourceVersion: from } = created.json.metadata;
    await using watch = await server.watch(`${pods}?watch=1&resourceVersion=${from}`);
    const dry = await server.expect(200, 'DELETE', `${pods}/${name}?dryRun=All`);
    assert.notEqual(dry.json.metadata.deletionTimestamp, undefined);
    const { json } = await server.expect(200, 'DELETE', `${pods}/${name}${query}`);
    const [going, gone] = [await watch.next(), await watch.next()];
    assert.deepEqual([going?.type, gone?.type], ['MODIFIED', 'DELETED']);
    for (const object of [going?.object, gone?.object, json]) {
      const { deletionTimestamp, deletionGracePeriodSeconds, generation } = object?.metadata ?? {};
      assert.equal(deletionTimestamp, '2026-01-01T00:00:00Z');
      assert.deepEqual([deletionGracePeriodSeconds, generation], [0, 2]);
    }
    assert.equal(json.metadata.resourceVersion, gone?.object.metadata.resourceVersion);
  }
});

test('deletecollection deletes what is selected, each by its own rules', async () => {
  await using server = await startTestServer();
  for (const [name, app] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
  ] as const) {
    const finalizers = name === 'b' ? ['example.com/f'] : [];
    await server.expect(201, 'POST', configMaps, {
      body: { metadata: { name, labels: { app }, finalizers } },
    });
  }
  const { json } = await server.expect(200, 'DELETE', `${configMaps}?labelSelector=app%3Dx`);
  assert.equal(json.kind, 'ConfigMapList');
  assert.deepEqual(
    json.items.map(({ metadata }) => metadata?.name),
    ['a', 'b'],
  );
  const left = await server.expect(200, 'GET', configMaps);
  assert.deepEqual(
    left.json.items.map(({ metadata }) => [metadata?.name, metadata?.deletionTimestamp]),
    [
      ['b', '2026-01-01T00:00:00Z'],
      ['c', undefined],
    ],
  );
});

test('JSON patches do what RFC 6902 says, or nothing', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'c', annotations: { 'a/b': '1' } }, data: { a: '1' } },
  });
  const patch = (code: number, body: unknown) =>
    server.expect(code, 'PATCH', `${configMaps}/c`, { headers: jsonPatch, body });
  const { json } = await patch(200, [
    { op: 'test', path: '/data/a', value: '1' },
    { op: 'move', from: '/data/a', path: '/data/b' },
    { op: 'copy', from: '/data/b', path: '/data/c' },
    { op: 'replace', path: '/metadata/annotations/a~1b', value: '2' },
  ]);
  assert.deepEqual(json['data'], { b: '1', c: '1' });
  assert.deepEqual(json.metadata.annotations, { 'a/b': '2' });
  await patch(422, [
    { op: 'remove', path: '/data/b' },
    { op: 'test', path: '/data/c', value: 'x' },
  ]);
  assert.equal((await patch(200, [])).json['data'].b, '1');
  for (const body of ['{', '{"op":"add"}', '[{"op":"jump","path":"/a"}]', '[1]', 'null']) {
    const refused = await server.request('PATCH', `${configMaps}/c`, { headers: jsonPatch, body });
    assert.ok([400, 422].includes(refused.status), body);
  }
  await patch(422, [{ op: 'replace', path: '', value: 5 }]);
  const renamed = await patch(400, [{ op: 'replace', path: '/metadata/name', value: 'd' }]);
  assert.match(renamed.json.message, /does not match the name on the URL/);
});

test('strategic merge patches merge lists by their keys', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', deployments, { body: deployment() });
  const patch = async (spec: object): Promise<AnyObject> => {
    const body = { spec: { template: { spec } } };
    const answer = await server.expect(200, 'PATCH', `${deployments}/web`, {
      headers: strategicPatch,
      body,
    });
    return answer.json['spec'].template.spec as AnyObject;
  };
  const containersOf = (spec: AnyObject): string[] =>
    (spec['containers'] as { name: string; image: string }[]).map(
      ({ name, image }) => `${name}:${image}`,
    );
  assert.deepEqual(containersOf(await patch({ containers: [{ name: 'side', image: 'envoy' }] })), [
    'side:envoy',
    'c:nginx',
  ]);
  assert.deepEqual(containersOf(await patch({ containers: [{ name: 'c', image: 'nginx:2' }] })), [
    'side:envoy',
    'c:nginx:2',
  ]);
  assert.deepEqual(
    containersOf(
      await patch({
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'side' }],
        containers: [{ name: 'c', image: 'nginx:3' }],
      }),
    ),
    ['c:nginx:3', 'side:envoy'],
  );
  assert.deepEqual(
    containersOf(await patch({ containers: [{ name: 'side', $patch: 'delete' }] })),
    ['c:nginx:3'],
  );
  const withSelector = await patch({ nodeSelector: { a: '1', b: '2' } });
  assert.deepEqual(withSelector['nodeSelector'], { a: '1', b: '2' });
  assert.deepEqual((await patch({ nodeSelector: { a: null } }))['nodeSelector'], { b: '2' });
  const replaced = await patch({ nodeSelector: { $patch: 'replace', z: '9' } });
  assert.deepEqual(replaced['nodeSelector'], { z: '9' });
});

test('fields that a kind does not have are refused, warned of or ignored', async () => {
  await using server = await startTestServer();
  const body =
    '{"metadata":{"name":"p","nope":1},"spec":{"containers":[{"name":"c","image":"i","image":"j","x":{}}]}}';
  const problems = [
    'unknown field "metadata.nope"',
    'unknown field "spec.containers[0].x"',
    'duplicate field "spec.containers[0].image"',
  ];
  const strict = await server.expect(400, 'POST', `${pods}?fieldValidation=Strict&dryRun=All`, {
    body,
  });
  assert.ok(
    strict.json.message.endsWith(`strict decoding error: ${problems.join(', ')}`),
    strict.text,
  );
  await withDefaultAccount(server);
  const warned = await server.expect(201, 'POST', `${pods}?dryRun=All`, { body });
  const warnings = problems.map((each) => `299 - "${each.replaceAll('"', '\\"')}"`);
  assert.deepEqual(warned.headers['warning'], warnings);
  const ignored = await server.expect(201, 'POST', `${pods}?fieldValidation=Ignore&dryRun=All`, {
    body,
  });
  assert.equal(ignored.headers['warning'], undefined);
  assert.equal(ignored.json['spec'].containers[0].image, 'j');
  await server.expect(422, 'POST', `${pods}?fieldValidation=Maybe`, { body });
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c' } } });
  const patch = { headers: mergePatch, body: { nope: 1 } };
  await server.expect(422, 'PATCH', `${configMaps}/c?fieldValidation=Strict`, patch);
  const patched = await server.expect(200, 'PATCH', `${configMaps}/c`, patch);
  assert.deepEqual(patched.headers['warning'], ['299 - "unknown field \\"nope\\""']);
});

test('service addresses and node ports are given once, and come back', async () => {
  await using server = await startTestServer({ serviceClusterIpRange: '10.9.0.0/29' });
  const body = (name: string, spec: object = {}): object => ({
    metadata: { name },
    spec: { ports: [{ port: 80 }], ...spec },
  });
  // Six addresses, of which the API itself has the first.
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) =>
      server.expect(201, 'POST', services, { body: body(name) }),
    ),
  );
  const addresses = answers.map(({ json }) => json['spec'].clusterIP as string);
  assert.equal(new Set([...addresses, '10.9.0.1']).size, 6);
  const full = await server.expect(422, 'POST', services, { body: body('f') });
  assert.match(full.json.message, /failed to allocate a serviceIP: range is full/);
  await server.expect(200, 'DELETE', `${services}/c`);
  const { json } = await server.expect(201, 'POST', services, { body: body('f') });
  assert.equal(json['spec'].clusterIP, addresses[2]);
  const taken = { body: body('g', { clusterIP: addresses[0] }) };
  assert.match(
    (await server.expect(422, 'POST', services, taken)).json.message,
    /provided IP is already allocated/,
  );
  const outside = { body: body('g', { clusterIP: '10.8.0.1' }) };
  assert.match((await server.expect(422, 'POST', services, outside)).json.message, /range/);
  const listed = await server.expect(200, 'GET', '/apis/networking.k8s.io/v1/ipaddresses');
  assert.equal(listed.json.items.length, 6);
});

test('node ports lie between 30000 and 32767', async () => {
  await using server = await startTestServer();
  const body = (nodePort: number): object => ({
    metadata: { name: `p${nodePort}` },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
  });
  for (const port of [29_999, 32_768])
    await server.expect(422, 'POST', services, { body: body(port) });
  for (const port of [30_000, 32_767])
    await server.expect(201, 'POST', services, { body: body(port) });
});

test('when all node ports are taken a service is refused, after 16 guesses and one search', async () => {
  let guesses = 0;
  const seeded = seededRandom(7);
  const random = { ...seeded, fraction: () => (guesses++, seeded.fraction()) };
  await using server = await startTestServer({ random });
  for (let port = 30_000; port <= 32_767; port++) {
    await server.store.create(`/registry/ranges/servicenodeports/TCP/${port}`, Buffer.from('{}'));
  }
  const body = (name: string, spec: object): object => ({
    body: { metadata: { name }, spec: { clusterIP: '10.0.0.9', ports: [{ port: 80 }], ...spec } },
  });
  guesses = 0;
  const { json } = await server.expect(422, 'POST', services, body('a', { type: 'NodePort' }));
  assert.match(json.message, /no node port is free/);
  assert.equal(guesses, 16);
  await server.expect(201, 'POST', services, body('b', {}));
});

test('node ports follow the type of their service', async () => {
  await using server = await startTestServer();
  const port = (name: string, nodePort: number, type = 'NodePort') => ({
    body: { metadata: { name }, spec: { type, ports: [{ port: 80, nodePort }] } },
  });
  await server.expect(201, 'POST', services, port('a', 30_123));
  assert.match(
    (await server.expect(422, 'POST', services, port('b', 30_123))).json.message,
    /spec\.ports\[0\]\.nodePort: Invalid value: 30123: provided port is already allocated/,
  );
  assert.match(
    (await server.expect(422, 'POST', services, port('b', 80))).json.message,
    /provided port is not in the valid range/,
  );
  const { json } = await server.expect(200, 'PATCH', `${services}/a`, {
    headers: mergePatch,
    body: { spec: { type: 'ClusterIP', ports: [{ port: 80 }] } },
  });
  assert.equal(json['spec'].ports[0].nodePort, undefined);
  await server.expect(201, 'POST', services, port('b', 30_123));
  const address = json['spec'].clusterIP as string;
  const kept = await server.expect(200, 'PATCH', `${services}/a`, {
    headers: mergePatch,
    body: { spec: { type: 'NodePort' } },
  });
  assert.equal(kept.json['spec'].clusterIP, address);
  assert.ok(kept.json['spec'].ports[0].nodePort >= 30_000);
  await server.expect(422, 'PATCH', `${services}/a`, {
    headers: mergePatch,
    body: { spec: { clusterIP: '10.0.0.77' } },
  });
});

test('a load balancer of local programs has a port that tells whether a node has any', async () => {
  await using server = await startTestServer();
  const body = (name: string, spec: object): object => ({
    body: {
      metadata: { name },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        allocateLoadBalancerNodePorts: false,
        ports: [{ port: 80 }],
        ...spec,
      },
    },
  });
  const { json } = await server.expect(201, 'POST', services, body('a', {}));
  const { healthCheckNodePort, ports } = json['spec'];
  assert.ok(healthCheckNodePort >= 30_000 && healthCheckNodePort <= 32_767);
  assert.equal(ports[0].nodePort, undefined);
  const taken = await server.expect(422, 'POST', services, body('b', { healthCheckNodePort }));
  assert.match(taken.json.message, /spec\.healthCheckNodePort: .* port is already allocated/);
  const cluster = { body: { spec: { externalTrafficPolicy: 'Cluster' } }, headers: mergePatch };
  const changed = await server.expect(200, 'PATCH', `${services}/a`, cluster);
  assert.equal(changed.json['spec'].healthCheckNodePort, undefined);
  await server.expect(201, 'POST', services, body('b', { healthCheckNodePort }));
});

test('scale reads and writes how many, whatever the kind', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', deployments, { body: deployment({ replicas: 2 }) });
  const path = `${deployments}/web/scale`;
  const { json } = await server.expect(200, 'GET', path);
  assert.deepEqual([json.kind, json.apiVersion], ['Scale', 'autoscaling/v1']);
  assert.deepEqual(json['spec'], { replicas: 2 });
  assert.deepEqual(json['status'], { replicas: 0, selector: 'app=web' });
  const put = await server.expect(200, 'PUT', path, { body: { ...json, spec: { replicas: 5 } } });
  assert.equal(put.json['spec'].replicas, 5);
  await server.expect(409, 'PUT', path, { body: { ...json, spec: { replicas: 6 } } });
  await server.expect(200, 'PATCH', path, { headers: mergePatch, body: { spec: { replicas: 0 } } });
  assert.equal((await server.expect(200, 'GET', path)).json['spec'].replicas ?? 0, 0);
  const negative = { headers: mergePatch, body: { spec: { replicas: -1 } } };
  assert.match(
    (await server.expect(422, 'PATCH', path, negative)).json.message,
    /^Scale\.autoscaling "web" is invalid: spec\.replicas: Invalid value: -1/,
  );
  await server.expect(404, 'GET', `${deployments}/nope/scale`);
  await server.expect(404, 'GET', `${configMaps}/nope/scale`);
  const after = await server.expect(200, 'GET', `${deployments}/web`);
  assert.equal(after.json['spec'].replicas, 0);
});

test('built-in objects are read and written in protobuf', async () => {
  await using server = await startTestServer();
  const table = protobufTable();
  const headers = {
    'content-type': 'application/vnd.kubernetes.protobuf',
    accept: 'application/vnd.kubernetes.protobuf, application/json',
  };
  const body = encodeKubernetesProtobuf(
    { apiVersion: 'apps/v1', kind: 'Deployment', ...deployment({ replicas: 0 }) },
    table,
  );
  const created = await server.expect(201, 'POST', deployments, { headers, body });
  assert.equal(created.headers['content-type'], 'application/vnd.kubernetes.protobuf');
  const { object } = decodeKubernetesProtobuf(created.bytes, table);
  const { json } = await server.expect(200, 'GET', `${deployments}/web`);
  assert.deepEqual(object, json);
  assert.equal(json['spec'].replicas, 0);
  assert.equal(json['spec'].template.spec.containers[0].image, 'nginx');
  const list = await server.expect(200, 'GET', deployments, {
    headers: { accept: headers.accept },
  });
  const decoded = decodeKubernetesProtobuf(list.bytes, table).object as unknown as AnyObject;
  assert.equal(decoded.kind, 'DeploymentList');
  assert.equal(decoded.items[0]?.metadata?.name, 'web');
  const options = encodeKubernetesProtobuf(
    { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' },
    table,
  );
  const deleted = await server.expect(200, 'DELETE', `${deployments}/web`, {
    headers: { 'content-type': headers['content-type'] },
    body: options,
  });
  assert.deepEqual(deleted.json.metadata.finalizers, ['foregroundDeletion']);
});

test('YAML is taken and given', async () => {
  await using server = await startTestServer();
  const headers = { 'content-type': 'application/yaml', accept: 'application/yaml' };
  const body =
    'metadata:\n  name: doc\ndata:\n  when: "2001-01-01"\n  "yes": "on"\n  text: |\n    a\n    b\n';
  const { text } = await server.expect(201, 'POST', configMaps, { headers, body });
  assert.match(text, /^apiVersion: v1\ndata:\n {2}text: \|\n {4}a\n {4}b\n/);
  const { json } = await server.expect(200, 'GET', `${configMaps}/doc`);
  assert.deepEqual(json['data'], { when: '2001-01-01', yes: 'on', text: 'a\nb\n' });
  const twice = 'metadata:\n  name: z\n  name: zz\ndata: {a: "1", a: "2"}\n';
  const { json: status } = await server.expect(
    400,
    'POST',
    `${configMaps}?fieldValidation=Strict`,
    {
      headers: { 'content-type': 'application/yaml' },
      body: twice,
    },
  );
  assert.match(status.message, /already set in map|duplicate field/);
});

test('PUT creates leases and endpoints that are not there, and no config maps', async () => {
  await using server = await startTestServer();
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  const body = { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } };
  const { json } = await server.expect(201, 'PUT', `${leases}/l`, { body });
  // Two who would lead must not overwrite each other unseen.
  await server.expect(422, 'PUT', `${leases}/l`, { body: { ...body, spec: {} } });
  await server.expect(200, 'PUT', `${leases}/l`, { body: { ...json, spec: {} } });
  await server.expect(201, 'PUT', '/api/v1/namespaces/default/endpoints/e', {
    body: { metadata: { name: 'e' } },
  });
  await server.expect(404, 'PUT', `${configMaps}/c`, { body: { metadata: { name: 'c' } } });
  await server.expect(404, 'PATCH', `${leases}/m`, { headers: mergePatch, body: {} });
});

test('a namespace ends when whoever empties it says so', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'n' } } });
  const { json } = await server.expect(200, 'DELETE', '/api/v1/namespaces/n');
  assert.equal(json['status'].phase, 'Terminating');
  const finalized = { ...json, spec: { finalizers: [] } };
  await server.expect(200, 'PUT', '/api/v1/namespaces/n/finalize', { body: finalized });
  await server.expect(404, 'GET', '/api/v1/namespaces/n');
  for (const name of ['default', 'kube-system', 'kube-public']) {
    const refused = await server.expect(403, 'DELETE', `/api/v1/namespaces/${name}`);
    assert.match(refused.json.message, /this namespace may not be deleted/);
  }
  await server.expect(405, 'DELETE', '/api/v1/namespaces');
});

test('events and autoscalers are the same objects in each of their versions', async () => {
  await using server = await startTestServer();
  const autoscalers = (version: string): string =>
    `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
  await server.expect(201, 'POST', autoscalers('v1'), {
    body: {
      metadata: { name: 'h' },
      spec: {
        maxReplicas: 5,
        targetCPUUtilizationPercentage: 70,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      },
    },
  });
  const second = await server.expect(200, 'GET', `${autoscalers('v2')}/h`);
  assert.equal(second.json.apiVersion, 'autoscaling/v2');
  assert.equal(second.json['spec'].metrics[0].resource.target.averageUtilization, 70);
  const first = await server.expect(200, 'GET', autoscalers('v1'));
  assert.equal(first.json.kind, 'HorizontalPodAutoscalerList');
});

test('writers of one service at once neither lose its port nor keep another', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', services, {
    body: { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } },
  });
  const patch = (at: number) =>
    server.expect(200, 'PATCH', `${services}/s`, {
      headers: mergePatch,
      body: {
        metadata: { annotations: { [`a${at}`]: 'x' } },
        spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_500 + (at % 2) }] },
      },
    });
  await Promise.all([0, 1, 2, 3].map(patch));
  const { json } = await server.expect(200, 'GET', `${services}/s`);
  assert.equal(Object.keys(json.metadata.annotations ?? {}).length, 4);
  const held = json['spec'].ports[0].nodePort as number;
  const other = held === 30_500 ? 30_501 : 30_500;
  const create = (code: number, nodePort: number) =>
    server.expect(code, 'POST', services, {
      body: {
        metadata: { name: `p${nodePort}` },
        spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
      },
    });
  await create(422, held);
  await create(201, other);
});

test('a path is of the scope that its resource has', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c' } } });
  const body = { metadata: { name: 'c' } };
  await server.expect(405, 'DELETE', '/api/v1/configmaps');
  await server.expect(405, 'POST', '/api/v1/configmaps', { body });
  await server.expect(404, 'GET', '/api/v1/configmaps/c');
  await server.expect(404, 'DELETE', '/api/v1/configmaps/c');
  await server.expect(404, 'PUT', '/api/v1/endpoints/c', { body });
  await server.expect(404, 'GET', '/api/v1/pods/c/status');
  await server.expect(404, 'POST', '/api/v1/namespaces/default/nodes', { body });
  await server.expect(404, 'GET', '/api/v1/namespaces/default/nodes');
  await server.expect(404, 'GET', '/api/v1/namespaces/default/persistentvolumes/c/status');
  const { json } = await server.expect(
    200,
    'GET',
    '/api/v1/configmaps?fieldSelector=metadata.name%3Dc',
  );
  assert.equal(json.items.length, 1);
});

test('nobody grants what they do not have themselves', async () => {
  await using server = await startTestServer();
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const roles = `${rbac}/namespaces/default/roles`;
  const bindings = `${rbac}/namespaces/default/rolebindings`;
  await server.expect(201, 'POST', bindings, {
    body: {
      metadata: { name: 'editor' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'eve' }],
    },
  });
  await server.clock.advance(0);
  const handler = server.api.handlerFor({ username: 'eve', groups: ['system:authenticated'] });
  const role = (rules: object[]) => ({ handler, body: { metadata: { name: 'r' }, rules } });
  const nodes = [{ apiGroups: [''], resources: ['nodes'], verbs: ['delete'] }];
  const refused = await server.expect(403, 'POST', roles, role(nodes));
  assert.match(
    refused.json.message,
    /user "eve".*is attempting to grant RBAC permissions not currently held/,
  );
  const pods = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  await server.expect(201, 'POST', roles, role(pods));
  const patch = { handler, headers: mergePatch, body: { rules: nodes } };
  await server.expect(403, 'PATCH', `${roles}/r`, patch);
  const bind = (name: string) => ({
    handler,
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [],
    },
  });
  await server.expect(403, 'POST', bindings, bind('cluster-admin'));
  await server.expect(201, 'POST', bindings, bind('view'));
  await server.expect(404, 'POST', bindings, bind('nope'));
});

test('a config map is bounded as a whole', async () => {
  await using server = await startTestServer();
  const data = { x: 'y'.repeat(1024 * 1024) };
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'fits' }, data } });
  const { json } = await server.expect(422, 'POST', configMaps, {
    body: { metadata: { name: 'big' }, data: { ...data, z: '1' } },
  });
  assert.equal(
    json.message,
    'ConfigMap "big" is invalid: []: Too long: may not be more than 1048576 bytes',
  );
});
