import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { createMemoryStore } from '@fairway/store';

const inDefault = (plural: string): string => `/api/v1/namespaces/default/${plural}`;
const quotas = inDefault('resourcequotas');
const merge = { 'content-type': 'application/merge-patch+json' };

/** With a quota that nobody counts but the test. */
async function startServer(
  hard: Readonly<Record<string, string>>,
  more: object = {},
  options: Parameters<typeof startTestServer>[0] = {},
): Promise<TestServer> {
  const server = await startTestServer(options);
  const account = { metadata: { name: 'default' } };
  await server.expect(201, 'POST', inDefault('serviceaccounts'), { body: account });
  const body = { metadata: { name: 'q' }, spec: { hard, ...more } };
  await server.expect(201, 'POST', quotas, { body });
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  await count(server, { hard, used });
  // Which namespaces have quotas is followed.
  await settle();
  return server;
}

async function count(
  server: TestServer,
  status: object,
): Promise<Readonly<Record<string, string>>> {
  const { json } = await server.expect(200, 'PATCH', `${quotas}/q/status`, {
    headers: merge,
    body: { status },
  });
  return json['status'].used;
}

async function used(server: TestServer): Promise<Readonly<Record<string, string>>> {
  return (await server.expect(200, 'GET', `${quotas}/q`)).json['status'].used;
}

test('a count does not give away what was stored a moment ago', async () => {
  await using server = await startServer({ secrets: '2', configmaps: '9' });
  await server.expect(201, 'POST', inDefault('secrets'), { body: { metadata: { name: 's' } } });
  await server.clock.advance(399);
  assert.deepEqual(await count(server, { used: { secrets: '0', configmaps: '3' } }), {
    configmaps: '3',
    secrets: '1',
  });
  await server.clock.advance(1);
  const { secrets } = await count(server, { used: { secrets: '0' } });
  assert.equal(secrets, '0');
});

test('a count that is more than was reserved stands', async () => {
  await using server = await startServer({ secrets: '5' });
  await server.expect(201, 'POST', inDefault('secrets'), { body: { metadata: { name: 's' } } });
  assert.deepEqual(await count(server, { used: { secrets: '4' } }), { secrets: '4' });
});

test('until it is counted, a quota lets nothing through that it is over', async () => {
  await using server = await startServer({ secrets: '5', pods: '1' });
  const body = { metadata: { name: 'q' }, spec: { hard: { secrets: '5' } } };
  await server.expect(200, 'PUT', `${quotas}/q/status`, {
    body: { ...body, status: { hard: { secrets: '5' }, used: {} } },
  });
  const refused = await server.expect(403, 'POST', inDefault('secrets'), {
    body: { metadata: { name: 's' } },
  });
  assert.equal(
    refused.json.message,
    'secrets "s" is forbidden: status unknown for quota: q, resources: secrets',
  );
  await server.expect(201, 'POST', inDefault('configmaps'), { body: { metadata: { name: 'c' } } });
});

test('an update is charged with what it adds', async () => {
  await using server = await startServer({ 'services.nodeports': '3', services: '2' });
  const ports = [{ port: 1, name: 'a' }];
  const body = { metadata: { name: 's' }, spec: { ports } };
  await server.expect(201, 'POST', inDefault('services'), { body });
  const path = `${inDefault('services')}/s`;
  const patch = (spec: object): Promise<unknown> =>
    server.expect(200, 'PATCH', path, { headers: merge, body: { spec } });
  await patch({ type: 'NodePort' });
  assert.deepEqual(await used(server), { services: '1', 'services.nodeports': '1' });
  await patch({ ports: [...ports, { port: 2, name: 'b' }, { port: 3, name: 'c' }] });
  assert.deepEqual(await used(server), { services: '1', 'services.nodeports': '3' });
  await patch({ type: 'ClusterIP' });
  // What an update gives back is for the controller to count.
  assert.deepEqual(await used(server), { services: '1', 'services.nodeports': '3' });
});

test('a request is charged once, however often others write between', async () => {
  let others = 2;
  const openStore = async (options: Parameters<typeof createMemoryStore>[0]) => {
    const store = createMemoryStore(options);
    const { update } = store;
    store.update = async (key, value, ...rest) => {
      const entry = await store.get(key);
      if (key.startsWith('/registry/services/') && entry !== undefined && others-- > 0) {
        await update.call(store, key, entry.value, entry.revision);
      }
      return update.call(store, key, value, ...rest);
    };
    return store;
  };
  await using server = await startServer({ 'services.nodeports': '1' }, {}, { openStore });
  const body = { metadata: { name: 's' }, spec: { ports: [{ port: 1 }] } };
  await server.expect(201, 'POST', inDefault('services'), { body });
  const path = `${inDefault('services')}/s`;
  const patched = { headers: merge, body: { spec: { type: 'NodePort' } } };
  await server.expect(200, 'PATCH', path, patched);
  assert.ok(others <= 0);
  assert.deepEqual(await used(server), { 'services.nodeports': '1' });
});

test('a claim that comes into the scope of a quota is charged with all of it', async () => {
  const name = 'VolumeAttributesClass';
  const matchExpressions = [{ scopeName: name, operator: 'In', values: ['fast'] }];
  const scoped = { scopeSelector: { matchExpressions } };
  await using server = await startServer({ 'requests.storage': '1Gi' }, scoped);
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } };
  const claims = inDefault('persistentvolumeclaims');
  await server.expect(201, 'POST', claims, { body: { metadata: { name: 'c' }, spec } });
  const { json } = await server.expect(200, 'GET', `${claims}/c`);
  const bound = { ...json, spec: { ...json['spec'], volumeName: 'v' } };
  await server.expect(200, 'PUT', `${claims}/c`, { body: bound });
  const status = { phase: 'Bound', capacity: { storage: '2Gi' } };
  await server.expect(200, 'PATCH', `${claims}/c/status`, { headers: merge, body: { status } });
  const refused = await server.expect(403, 'PATCH', `${claims}/c`, {
    headers: merge,
    body: { spec: { volumeAttributesClassName: 'fast' } },
  });
  assert.match(refused.json.message, /exceeded quota: q, requested: requests.storage=2Gi/);
});

test('amounts of a pod stand for those that its containers do not say', async () => {
  await using server = await startServer({ 'requests.cpu': '2', 'limits.memory': '1Gi' });
  const containers = ['b', 'a'].map((name) => ({ name, image: 'i' }));
  const pod = (resources?: object): object => ({
    metadata: { name: 'p' },
    spec: { containers, ...(resources && { resources }) },
  });
  const refused = await server.expect(403, 'POST', inDefault('pods'), { body: pod() });
  assert.match(
    refused.json.message,
    /failed quota: q: must specify limits.memory for: a,b; requests.cpu for: a,b$/,
  );
  const resources = { requests: { cpu: '1' }, limits: { memory: '1Gi' } };
  await server.expect(201, 'POST', inDefault('pods'), { body: pod(resources) });
  assert.deepEqual(await used(server), { 'limits.memory': '1Gi', 'requests.cpu': '1' });
});
