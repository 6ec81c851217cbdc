import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { publishCluster } from './publish-cluster.ts';

const path = '/api/v1/namespaces/kube-public/configmaps/cluster-info';

test('what a cluster has said already it does not say again, and keeps what others said', async () => {
  await using server = await startTestServer();
  const asked: string[] = [];
  const handlerFor: typeof server.api.handlerFor = (user) => (request) => {
    asked.push(request.method);
    return server.api.handlerFor(user)(request);
  };
  const host = { clock: new ManualClock(), random: seededRandom(1) };
  const publish = (url: string): Promise<void> =>
    publishCluster(
      host,
      { handlerFor },
      {
        url,
        authorities: ['a certificate'],
        podSubnet: '10.244.0.0/16',
        serviceSubnet: '10.96.0.0/16',
      },
    );
  await publish('https://192.0.2.1:6443');
  const signed = { 'jws-kubeconfig-abcdef': 'a signature' };
  const { json } = await server.expect(200, 'PATCH', path, {
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { data: signed },
  });
  asked.length = 0;
  await publish('https://192.0.2.1:6443');
  assert.deepEqual(asked, ['GET', 'GET']);
  assert.deepEqual((await server.expect(200, 'GET', path)).json, json);
  await publish('https://192.0.2.2:6443');
  const { json: now } = await server.expect(200, 'GET', path);
  const data = now['data'];
  assert.match(data['kubeconfig'], /192\.0\.2\.2/);
  assert.equal(data['jws-kubeconfig-abcdef'], 'a signature');
});
