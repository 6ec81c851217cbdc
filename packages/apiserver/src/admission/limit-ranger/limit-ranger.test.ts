import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const pods = '/api/v1/namespaces/default/pods';
const claims = '/api/v1/namespaces/default/persistentvolumeclaims';

async function startServer(): Promise<TestServer> {
  const server = await startTestServer();
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  return server;
}

async function limit(server: TestServer, ...limits: readonly object[]): Promise<void> {
  const body = { metadata: { name: 'limits' }, spec: { limits } };
  const ranges = '/api/v1/namespaces/default/limitranges';
  await server.request('DELETE', `${ranges}/limits`);
  await server.expect(201, 'POST', ranges, { body });
  // Limit ranges are followed.
  await settle();
}

function podOf(name: string, cpu: string, more: object = {}): object {
  const resources = { requests: { cpu }, limits: { cpu } };
  const containers = ['a', 'b'].map((each) => ({ name: each, image: 'i', resources }));
  return { metadata: { name }, spec: { containers, ...more } };
}

function resize(container: string, cpu: string): object {
  const resources = { requests: { cpu }, limits: { cpu } };
  return {
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: { spec: { containers: [{ name: container, resources }] } },
  };
}

test('a resize is held to the limit range, and only in what it changes', async () => {
  await using server = await startServer();
  await server.expect(201, 'POST', pods, { body: podOf('p', '2') });
  await limit(server, { type: 'Container', max: { cpu: '1' } });
  const refused = await server.expect(403, 'PATCH', `${pods}/p/resize`, resize('a', '3'));
  assert.equal(
    refused.json.message,
    'pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 3',
  );
  // The other container has too much, too, and had it before.
  await server.expect(200, 'PATCH', `${pods}/p/resize`, resize('a', '1'));
  const headers = { 'content-type': 'application/merge-patch+json' };
  const labelled = { headers, body: { metadata: { labels: { a: 'b' } } } };
  await server.expect(200, 'PATCH', `${pods}/p`, labelled);
});

test('the limits of a pod are over its containers together, without what its class adds', async () => {
  await using server = await startServer();
  const runtimeClasses = '/apis/node.k8s.io/v1/runtimeclasses';
  const overhead = { podFixed: { cpu: '1' } };
  const body = { metadata: { name: 'heavy' }, handler: 'h', overhead };
  await server.expect(201, 'POST', runtimeClasses, { body });
  await limit(server, { type: 'Pod', max: { cpu: '2' } });
  await server.expect(201, 'POST', pods, { body: podOf('a', '1', { runtimeClassName: 'heavy' }) });
  const refused = await server.expect(403, 'POST', pods, { body: podOf('b', '1001m') });
  assert.match(refused.json.message, /maximum cpu usage per Pod is 2, but limit is 2002m$/);
  const resources = { requests: { cpu: '1' }, limits: { cpu: '3' } };
  const own = await server.expect(403, 'POST', pods, { body: podOf('c', '1m', { resources }) });
  assert.match(own.json.message, /maximum cpu usage per Pod is 2, but limit is 3$/);
});

test('a ratio is compared exactly', async () => {
  await using server = await startServer();
  await limit(server, { type: 'Container', maxLimitRequestRatio: { cpu: '1500m' } });
  const ask = (requests: string, limits: string): Promise<unknown> => {
    const resources = { requests: { cpu: requests }, limits: { cpu: limits } };
    const spec = { containers: [{ name: 'a', image: 'i', resources }] };
    const code = limits === '3' ? 201 : 403;
    return server.expect(code, 'POST', pods, { body: { metadata: { name: 'p' }, spec } });
  };
  await ask('2', '3001m');
  await ask('2', '3');
});

test('a claim keeps a size that is not allowed any more, and gets no other one of these', async () => {
  await using server = await startServer();
  const sized = (storage: string): object => ({ resources: { requests: { storage } } });
  const spec = { accessModes: ['ReadWriteOnce'], ...sized('10Gi') };
  await server.expect(201, 'POST', claims, { body: { metadata: { name: 'c' }, spec } });
  await limit(server, { type: 'PersistentVolumeClaim', max: { storage: '5Gi' } });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const labelled = { headers, body: { metadata: { labels: { a: 'b' } } } };
  await server.expect(200, 'PATCH', `${claims}/c`, labelled);
  await server.expect(403, 'POST', claims, { body: { metadata: { name: 'd' }, spec } });
});
