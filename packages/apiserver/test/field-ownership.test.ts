import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject, ManagedFieldsEntry } from '@fairway/protocol';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { ofDevelopers } from './certificate-requests.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const applied = { 'content-type': 'application/apply-patch+yaml' };
const merge = { 'content-type': 'application/merge-patch+json' };

function managersOf(object: KubernetesObject): readonly string[] {
  const describe = ({ manager, operation, subresource }: ManagedFieldsEntry): string =>
    [manager, operation, subresource].filter((each) => each !== undefined).join(' ');
  return (object.metadata?.managedFields ?? []).map(describe);
}

function ownedBy(object: KubernetesObject, manager: string): string {
  const entries = object.metadata?.managedFields ?? [];
  return JSON.stringify(entries.find((each) => each.manager === manager)?.fieldsV1 ?? {});
}

async function createPod(server: TestServer): Promise<KubernetesObject> {
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  const body = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  return (await server.expect(201, 'POST', '/api/v1/namespaces/default/pods', { body })).json;
}

test('nobody owns what admission and the server add', async () => {
  await using server = await startTestServer();
  const pod = await createPod(server);
  const owned = ownedBy(pod, 'test');
  assert.match(owned, /f:terminationGracePeriodSeconds/);
  assert.doesNotMatch(owned, /f:tolerations|f:volumes|f:serviceAccount|f:status|f:uid/);
});

test('a write of the status is noted as such, and takes no part of the spec', async () => {
  await using server = await startTestServer();
  const pod = (await createPod(server)) as KubernetesObject & { spec: object };
  const body = { ...pod, spec: { ...pod.spec, nodeName: 'n' }, status: { phase: 'Running' } };
  const path = '/api/v1/namespaces/default/pods/p/status';
  const { json } = await server.expect(200, 'PUT', `${path}?fieldManager=kubelet`, { body });
  assert.deepEqual(managersOf(json), ['kubelet Update status', 'test Update']);
  assert.equal(ownedBy(json, 'kubelet'), '{"f:status":{"f:phase":{}}}');
});

test('a write whose change is taken back changes nothing, not even its time', async () => {
  await using server = await startTestServer();
  const [metadata, data] = [{ name: 'a', deletionGracePeriodSeconds: 5 }, { a: '1' }];
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' }, data } });
  const write = () => server.expect(200, 'PUT', `${configMaps}/a`, { body: { metadata, data } });
  const first = await write();
  await server.clock.advance(2_000);
  const second = await write();
  assert.equal(second.text, first.text);
});

test('what a write does not touch is not even written anew', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'a' }, data: { a: '1' } },
  });
  await server.clock.advance(5_000);
  const path = `${configMaps}/a?fieldManager=other`;
  const { json } = await server.expect(200, 'PATCH', path, {
    headers: merge,
    body: { data: { b: '1' } },
  });
  const times = json.metadata.managedFields?.map(({ manager, time }) => `${manager} ${time}`);
  assert.deepEqual(times, ['test 2026-01-01T00:00:00Z', 'other 2026-01-01T00:00:05Z']);
});

test('an apply that another write overtakes is laid over what that one has made', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' } } });
  const apply = (manager: string) =>
    server.expect(200, 'PATCH', `${configMaps}/a?fieldManager=${manager}`, {
      headers: applied,
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
        data: { [manager]: '1', shared: '1' },
      },
    });
  await Promise.all([apply('m-a'), apply('m-b'), apply('m-c')]);
  const { json } = await server.expect(200, 'GET', `${configMaps}/a`);
  assert.deepEqual(json['data'], { 'm-a': '1', 'm-b': '1', 'm-c': '1', shared: '1' });
  for (const manager of ['m-a', 'm-b', 'm-c']) {
    assert.equal(ownedBy(json, manager), `{"f:data":{"f:${manager}":{},"f:shared":{}}}`);
  }
});

test('an apply says of what kind it is as others do, and is stored in the version of its path', async () => {
  await using server = await startTestServer();
  const apply = async (apiVersion: unknown): ReturnType<TestServer['request']> => {
    const body = { apiVersion, kind: 'ConfigMap', metadata: { name: 'a' } };
    return server.request('PATCH', `${configMaps}/a?fieldManager=m`, { headers: applied, body });
  };
  assert.equal((await apply('evil//v1')).json.message, 'invalid object type: /, Kind=');
  assert.equal((await apply(1)).json.message, 'invalid object type: /, Kind=ConfigMap');
  const { status, json } = await apply('/v1');
  assert.deepEqual([status, json.apiVersion], [201, 'v1']);
});

test('a manager without a name is written without one', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' } } });
  const fields = { apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } };
  const managedFields = [{ manager: '', operation: 'Update', ...fields }];
  const body = { metadata: { name: 'a', managedFields } };
  const { json } = await server.expect(200, 'PUT', `${configMaps}/a`, { body });
  assert.deepEqual(json.metadata.managedFields, [{ operation: 'Update', ...fields }]);
});

test('managers without a time are gathered without one', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' } } });
  const fields = { apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } };
  const managedFields = Array.from({ length: 12 }, (_, at) => {
    return { manager: `m${at}`, operation: 'Update', ...fields };
  });
  const body = { metadata: { name: 'a', managedFields } };
  const { json } = await server.expect(200, 'PUT', `${configMaps}/a`, { body });
  const gathered = json.metadata.managedFields?.find((each) => each.manager === 'ancient-changes');
  assert.deepEqual(gathered, { manager: 'ancient-changes', operation: 'Update', ...fields });
});

test('the oldest manager goes on beside those that were gathered before', async () => {
  await using server = await startTestServer();
  const names = ['oldest', 'ancient-changes', ...'bcdefghij'];
  const data = Object.fromEntries(names.map((name) => [name, '1']));
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' }, data } });
  const managedFields = names.map((manager, at) => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: `2025-01-01T00:00:${10 + at}Z`,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { [`f:${manager}`]: {} } },
  }));
  const body = { metadata: { name: 'a', managedFields, labels: { a: 'b' } }, data };
  const { json } = await server.expect(200, 'PUT', `${configMaps}/a`, { body });
  // With who writes there are two too many.
  const left = ['oldest', ...'defghij', 'test', 'ancient-changes'];
  assert.deepEqual(
    json.metadata.managedFields?.map((each) => each.manager).toSorted(),
    left.toSorted(),
  );
  assert.deepEqual(
    ownedBy(json, 'ancient-changes'),
    '{"f:data":{"f:ancient-changes":{},"f:b":{},"f:c":{}}}',
  );
});

test('a manager in a version that cannot be read is forgotten', async () => {
  await using server = await startTestServer();
  const data = { a: '1' };
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' }, data } });
  const fields = { fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } };
  const managedFields = ['evil//v1', 'v1'].map((apiVersion) => {
    return { manager: 'm', operation: 'Update', apiVersion, ...fields };
  });
  const body = { metadata: { name: 'a', managedFields, labels: { a: 'b' } }, data };
  const { json } = await server.expect(200, 'PUT', `${configMaps}/a`, { body });
  assert.deepEqual(
    json.metadata.managedFields?.map((each) => `${each.manager} ${each.apiVersion}`),
    ['m v1', 'test v1'],
  );
});

test('who owns what survives protobuf', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'a' }, data: { a: '1' } },
  });
  const accept = 'application/vnd.kubernetes.protobuf';
  const { bytes } = await server.expect(200, 'GET', `${configMaps}/a`, { headers: { accept } });
  const headers = { 'content-type': accept };
  await server.expect(200, 'PUT', `${configMaps}/a?fieldManager=other`, { headers, body: bytes });
  const { json } = await server.expect(200, 'GET', `${configMaps}/a`);
  assert.deepEqual(managersOf(json), ['test Update']);
  assert.equal(ownedBy(json, 'test'), '{"f:data":{".":{},"f:a":{}}}');
});

test('an object of very many parts is applied in turns', async () => {
  await using server = await startTestServer();
  const data = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`k${at}`, '']));
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data };
  const turnsOf = async (code: number, body: object): Promise<number> => {
    const path = `${configMaps}/a?fieldManager=m`;
    const text = JSON.stringify(body);
    let [turns, isDone] = [0, false];
    const asked = server
      .expect(code, 'PATCH', path, { headers: applied, body: text })
      .finally(() => (isDone = true));
    for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve));
    await asked;
    return turns;
  };
  await turnsOf(201, config);
  const { k0: _, ...rest } = data;
  const turns = await turnsOf(200, { ...config, data: { ...rest, more: '' } });
  assert.ok(turns > 7, `${turns} turns`);
});

const deployment = {
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    },
  },
};
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'o', uid: 'u' };

const resets: readonly {
  readonly path: string;
  readonly body: object;
  readonly view: string;
  readonly patch: object;
  readonly owned: string;
}[] = [
  {
    path: '/apis/apps/v1/namespaces/default/deployments',
    body: deployment,
    view: 'status',
    patch: { metadata: { labels: { a: 'b' } }, status: { replicas: 1 } },
    owned: '{"f:status":{"f:replicas":{}}}',
  },
  {
    path: '/apis/apps/v1/namespaces/default/statefulsets',
    body: deployment,
    view: 'status',
    patch: { spec: { replicas: 7 }, status: { replicas: 1 } },
    owned: '{"f:status":{"f:replicas":{}}}',
  },
  {
    path: '/api/v1/namespaces/default/pods',
    body: { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    view: 'status',
    patch: { metadata: { ownerReferences: [owner] }, status: { phase: 'Running' } },
    owned: '{"f:status":{"f:phase":{}}}',
  },
  {
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: {
      metadata: { name: 'r' },
      spec: { request: btoa(ofDevelopers), signerName: 'example.com/s', usages: ['client auth'] },
    },
    view: 'approval',
    patch: {
      spec: { username: 'me' },
      status: {
        certificate: 'YQ==',
        conditions: [{ type: 'Approved', status: 'True', reason: 'R', message: 'm' }],
      },
    },
    owned: 'f:conditions',
  },
];

for (const { path, body, view, patch, owned } of resets) {
  test(`who writes the ${view} of ${path.split('/').at(-1)} owns nothing else`, async () => {
    await using server = await startTestServer();
    await createPod(server);
    const { json } = await server.request('POST', path, { body });
    const name = (body as KubernetesObject).metadata?.name;
    const target = `${path}/${name}/${view}?fieldManager=m`;
    const written = await server.expect(200, 'PATCH', target, { headers: merge, body: patch });
    const fields = ownedBy(written.json, 'm');
    assert.ok(json.kind !== '' && fields.includes(owned), fields);
    assert.doesNotMatch(fields, /f:metadata|f:spec|f:certificate/);
  });
}

test('a token request is owned by who sent it', async () => {
  await using server = await startTestServer();
  await createPod(server);
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const { json } = await server.expect(201, 'POST', path, {
    body: { spec: { expirationSeconds: 600 } },
  });
  assert.deepEqual(managersOf(json), ['test Update token']);
  assert.equal(ownedBy(json, 'test'), '{"f:spec":{"f:expirationSeconds":{}}}');
});
