import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { test } from 'node:test';
import { type ManualClock, settle } from '@fairway/host/testing';
import { listenForTest, sendHttp1 } from '@fairway/serving/testing';
import { startTestServer } from '../src/testing.ts';

const flooding = 60;
const maps = '/api/v1/namespaces/default/configmaps';
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

test('while one user floods a socket with lists, writes, leases, health and watches of another go on', async () => {
  await using server = await startTestServer({
    requestBounds: { isFair: true, requestsMax: 40, mutatingRequestsMax: 20 },
  });
  const binding = {
    metadata: { name: 'all' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'all' }],
  };
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
  await server.expect(201, 'POST', bindings, { body: binding });
  const queuing = { queuing: { queues: 64, handSize: 6, queueLengthLimit: 4 } };
  await server.expect(
    200,
    'PATCH',
    '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/global-default',
    {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: {
        metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
        spec: { limited: { limitResponse: queuing } },
      },
    },
  );
  for (let at = 0; at < 12; at++) {
    const body = { metadata: { name: `big-${at}` }, data: { text: 'x'.repeat(900_000) } };
    await server.expect(201, 'POST', maps, { body });
  }
  await settle();
  const handlers = new Map(
    ['ann', 'bob'].map((name) => [
      name,
      server.api.handlerFor({ username: name, groups: ['all', 'system:authenticated'] }),
    ]),
  );
  await using listener = await listenForTest(async (request) => {
    const handler = handlers.get(String(request.headers['x-user']));
    assert.ok(handler !== undefined);
    return handler(request);
  });
  const ask = (user: string, method: string, path: string, object?: object) =>
    sendHttp1(`${listener.url}${path}`, {
      method,
      headers: { 'x-user': user, 'content-type': 'application/json' },
      ...(object === undefined ? {} : { body: JSON.stringify(object) }),
    });

  await using watch = await server.watch(`${maps}?watch=true&resourceVersion=0`, {
    handler: handlers.get('bob') as NonNullable<ReturnType<typeof handlers.get>>,
  });
  await watch.take(12);
  // Whoever floods reads nothing, so that each of his lists keeps its seats for as long as it may.
  const flood = Array.from({ length: flooding }, () => {
    const headers = { 'x-user': 'ann' };
    const request = get(`${listener.url}${maps}`, { agent: false, headers });
    return { request, answered: once(request, 'response') };
  });
  try {
    const refused = flood.map(async ({ answered }) => {
      const [{ statusCode }] = (await answered) as [IncomingMessage];
      if (statusCode !== 429) await new Promise(() => {});
    });
    await Promise.any(refused);
    for (let at = 0; at < 10; at++) {
      const made = ask('bob', 'POST', maps, { metadata: { name: `bob-${at}` } });
      await passTimeUntil(server.clock, made);
      assert.equal((await made).status, 201);
      assert.deepEqual(await watch.take(1), [`ADDED bob-${at}`]);
      const lease = { metadata: { name: `lease-${at}` }, spec: { holderIdentity: 'bob' } };
      const leased = ask('bob', 'POST', leases, lease);
      await passTimeUntil(server.clock, leased);
      assert.equal((await leased).status, 201);
      assert.equal((await ask('bob', 'GET', '/readyz')).status, 200);
    }
  } finally {
    for (const { request, answered } of flood) {
      answered.catch(() => {});
      request.destroy();
    }
  }
});

/** Slower than what is under way on sockets: who waits has fifteen seconds. */
async function passTimeUntil(clock: ManualClock, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  void done.finally(() => (isDone = true));
  while (!isDone) {
    await clock.advance(20);
    await settle();
  }
}
