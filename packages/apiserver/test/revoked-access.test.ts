import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const apiGroup = 'rbac.authorization.k8s.io';

test('a revoked binding shuts the door within one watch event', async () => {
  await using server = await startTestServer();
  const subjects = [{ apiGroup, kind: 'User', name: 'eve' }];
  const roleRef = { apiGroup, kind: 'ClusterRole', name: 'view' };
  const bindings = `${rbac}/clusterrolebindings`;
  const body = { metadata: { name: 'eve' }, roleRef, subjects };
  const ask = () => statusFor(server, 'eve', [], '/api/v1/namespaces/default/configmaps');
  assert.equal(await ask(), 403);
  await using watch = await server.watch(`${bindings}?watch=1&fieldSelector=metadata.name%3Deve`);
  await server.expect(201, 'POST', bindings, { body });
  assert.equal((await watch.next())?.type, 'ADDED');
  await settle();
  assert.equal(await ask(), 200);
  await server.expect(200, 'DELETE', `${bindings}/eve`);
  assert.equal((await watch.next())?.type, 'DELETED');
  await settle();
  assert.equal(await ask(), 403);
});

test('a pod that is gone takes what its node may read within one watch event', async () => {
  await using server = await startTestServer();
  const account = { metadata: { name: 'default' } };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', { body: account });
  const pods = '/api/v1/namespaces/default/pods';
  const volumes = [{ name: 'v', secret: { secretName: 's' } }];
  const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], volumes };
  const secret = '/api/v1/namespaces/default/secrets/s';
  const ask = () => statusFor(server, 'system:node:n1', ['system:nodes'], secret);
  assert.equal(await ask(), 403);
  await using watch = await server.watch(`${pods}?watch=1`);
  await server.expect(201, 'POST', pods, { body: { metadata: { name: 'p' }, spec } });
  assert.equal((await watch.next())?.type, 'ADDED');
  await settle();
  assert.equal(await ask(), 404);
  await server.expect(200, 'DELETE', `${pods}/p?gracePeriodSeconds=0`);
  assert.deepEqual(await watch.take(2), ['MODIFIED p', 'DELETED p']);
  await settle();
  assert.equal(await ask(), 403);
});

async function statusFor(
  server: TestServer,
  username: string,
  groups: readonly string[],
  path: string,
): Promise<number> {
  const handler = server.api.handlerFor({ username, groups });
  return (await server.request('GET', path, { handler })).status;
}
