import assert from 'node:assert/strict';
import test from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';

const path = '/api/v1/namespaces/default/configmaps';
const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';

test('a request that only calls itself a watch counts as what it is', async () => {
  await using server = await startTestServer({
    requestBounds: { isFair: false, requestsMax: 10, mutatingRequestsMax: 20 },
  });
  const body = {
    metadata: { name: 'ann' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' }],
  };
  await server.expect(201, 'POST', bindings, { body });
  await settle();
  const handler = server.api.handlerFor({ username: 'ann', groups: [] });
  const released = Promise.withResolvers<void>();
  const post = (): Promise<{ readonly status: number }> =>
    handler({
      method: 'POST',
      path,
      query: 'watch=true',
      headers: { 'content-type': 'application/json', 'user-agent': 'test' },
      body: slowBody(released.promise),
      signal: new AbortController().signal,
    });
  const waiting = Array.from({ length: 20 }, post);
  const { status } = await server.request('DELETE', path, { handler });
  released.resolve();
  assert.equal(status, 429);
  for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 400);
});

test('a deletion of many stops when nobody waits for it any more', async () => {
  await using server = await startTestServer();
  for (let at = 0; at < 20; at++) {
    await server.expect(201, 'POST', path, { body: { metadata: { name: `c${at}` } } });
  }
  const caller = new AbortController();
  const deletion = server.request('DELETE', path, { signal: caller.signal });
  caller.abort();
  await deletion;
  const { json } = await server.expect(200, 'GET', path);
  assert.ok(json.items.length > 10, `${json.items.length} are left`);
});

async function* slowBody(released: Promise<void>): AsyncGenerator<Uint8Array> {
  await released;
  yield Buffer.from('{');
}
