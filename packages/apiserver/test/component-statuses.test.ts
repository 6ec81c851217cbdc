import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyObject, startTestServer } from '@fairway/apiserver/testing';

const path = '/api/v1/componentstatuses';

const ok = { type: 'Healthy', status: 'True', message: 'ok' };
const noLease = (name: string) => ({
  type: 'Healthy',
  status: 'False',
  message: `nobody renews the lease kube-system/${name}`,
});

test('componentstatuses tell how the parts of the cluster are, by their leases', async () => {
  await using server = await startTestServer();
  const list = await server.expect(200, 'GET', path);
  assert.deepEqual(list.headers['warning'], ['299 - "v1 ComponentStatus is deprecated in v1.19+"']);
  assert.deepEqual(list.json, {
    kind: 'ComponentStatusList',
    apiVersion: 'v1',
    metadata: {},
    items: [
      {
        metadata: { name: 'controller-manager' },
        conditions: [noLease('kube-controller-manager')],
      },
      { metadata: { name: 'etcd-0' }, conditions: [ok] },
      { metadata: { name: 'scheduler' }, conditions: [noLease('kube-scheduler')] },
    ],
  });
  await server.expect(201, 'POST', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', {
    body: {
      metadata: { name: 'kube-scheduler' },
      spec: {
        holderIdentity: 'somebody',
        leaseDurationSeconds: 15,
        renewTime: new Date(server.clock.now()).toISOString().replace('Z', '000Z'),
      },
    },
  });
  const scheduler = async (): Promise<AnyObject> =>
    (await server.expect(200, 'GET', `${path}/scheduler`)).json;
  assert.deepEqual(await scheduler(), {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: 'scheduler' },
    conditions: [ok],
  });
  await server.clock.advance(16_000);
  assert.deepEqual((await scheduler())['conditions'], [noLease('kube-scheduler')]);
});

test('componentstatuses are selected and shown like any resource, and never written', async () => {
  await using server = await startTestServer();
  const names = async (query: string): Promise<unknown> =>
    (await server.expect(200, 'GET', `${path}?${query}`)).json.items.map(
      ({ metadata }) => metadata?.name,
    );
  assert.deepEqual(await names('fieldSelector=metadata.name%3Detcd-0'), ['etcd-0']);
  assert.deepEqual(await names('fieldSelector=metadata.name%21%3Detcd-0'), [
    'controller-manager',
    'scheduler',
  ]);
  assert.deepEqual(await names('labelSelector=a'), []);
  const { json } = await server.expect(200, 'GET', path, {
    headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
  });
  assert.deepEqual(json['rows'][1].cells, ['etcd-0', 'Healthy', 'ok', '']);
  const accept = 'application/vnd.kubernetes.protobuf';
  await server.expect(200, 'GET', path, { headers: { accept } });
  await server.expect(404, 'GET', `${path}/kubelet`);
  await server.expect(405, 'POST', path, { body: { metadata: { name: 'x' } } });
  await server.expect(405, 'GET', `${path}?watch=1`);
});

test('a part of this process tells itself how it is', async () => {
  let problem: string | undefined = 'the controllers are starting';
  const components = new Map([['controller-manager', async () => problem]]);
  await using server = await startTestServer({ components });
  const health = async (): Promise<unknown> =>
    (await server.expect(200, 'GET', `${path}/controller-manager`)).json['conditions'];
  assert.deepEqual(await health(), [{ type: 'Healthy', status: 'False', message: problem }]);
  problem = undefined;
  assert.deepEqual(await health(), [ok]);
});
