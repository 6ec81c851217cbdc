import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from '@fairway/kinds/core/v1';
import { StorageClass } from '@fairway/kinds/storage/v1';
import type { Handler } from '@fairway/protocol';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';

const namespace = 'shop';
const where = { namespace };

async function startWithNode(
  around: (api: Handler) => Handler = (api) => api,
): Promise<RunningCluster> {
  const cluster = await startRunningCluster({ around });
  const { client, until } = cluster;
  await client.create(Namespace, { metadata: { name: namespace } });
  const labels = { 'kubernetes.io/hostname': 'host-1' };
  await client.create(Node, { metadata: { name: 'n1', labels } });
  const standard = (): Promise<unknown> => client.find(StorageClass, 'standard');
  await until('the class standard', async () => (await standard()) !== undefined);
  return cluster;
}

function claim(name: string, spec: object = {}): PersistentVolumeClaim {
  const resources = { requests: { storage: '1Gi' } };
  return {
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources, ...spec },
  };
}

async function choose({ client }: RunningCluster, name: string, node: string): Promise<void> {
  const annotations = { 'volume.kubernetes.io/selected-node': node };
  await client.patch(PersistentVolumeClaim, name, { merge: { metadata: { annotations } } }, where);
}

async function eventsOf({ client }: RunningCluster, name: string): Promise<readonly string[]> {
  const { items } = await client.list(Event, where).all();
  const own = items.filter(({ involvedObject }) => involvedObject.name === name);
  return own.map(({ reason, message }) => `${reason}: ${message}`);
}

test('a claim gets a directory of the node that its pod comes to, grows, and takes it along when it goes', async () => {
  await using cluster = await startWithNode();
  const { client, until } = cluster;
  await client.create(PersistentVolumeClaim, claim('data'));
  const get = (): Promise<PersistentVolumeClaim> =>
    client.get(PersistentVolumeClaim, 'data', where);
  await until('an event', async () => (await eventsOf(cluster, 'data')).length > 0);
  assert.deepEqual(await eventsOf(cluster, 'data'), [
    'WaitForFirstConsumer: waiting for first consumer to be created before binding',
  ]);
  await choose(cluster, 'data', 'n1');
  await until('a bound claim', async () => (await get()).status?.phase === 'Bound');
  const bound = await get();
  const volumeName = bound.spec?.volumeName ?? '';
  assert.equal(volumeName, `pvc-${bound.metadata?.uid}`);
  const volume = await client.get(PersistentVolume, volumeName);
  assert.deepEqual(volume.spec?.hostPath, {
    path: `/opt/local-path-provisioner/${volumeName}_shop_data`,
    type: 'DirectoryOrCreate',
  });
  const term = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms[0];
  assert.deepEqual(term?.matchExpressions?.[0]?.values, ['host-1']);
  assert.equal(volume.status?.phase, 'Bound');

  const more = { spec: { resources: { requests: { storage: '5Gi' } } } };
  await client.patch(PersistentVolumeClaim, 'data', { merge: more }, where);
  await until('a larger claim', async () => (await get()).status?.capacity?.['storage'] === '5Gi');
  assert.equal((await client.get(PersistentVolume, volumeName)).spec?.capacity?.['storage'], '5Gi');

  await client.delete(PersistentVolumeClaim, 'data', where);
  const isThere = async (): Promise<boolean> =>
    (await client.find(PersistentVolume, volumeName)) !== undefined;
  await until('no volume', async () => !(await isThere()));
  assert.deepEqual(cluster.warnings, []);
});

test('a claim grows also where somebody changes its volume at the same time', async () => {
  let conflicts = 0;
  const touch: { run?: () => Promise<void> } = {};
  await using cluster = await startWithNode((api) => async (request) => {
    const isVolume = /^\/api\/v1\/persistentvolumes\/[^/]+$/.test(request.path);
    const { run } = touch;
    if (request.method !== 'PUT' || !isVolume || run === undefined) return api(request);
    delete touch.run;
    conflicts++;
    await run();
    return api(request);
  });
  const { client, until } = cluster;
  await client.create(PersistentVolumeClaim, claim('data'));
  await choose(cluster, 'data', 'n1');
  const get = (): Promise<PersistentVolumeClaim> =>
    client.get(PersistentVolumeClaim, 'data', where);
  await until('a bound claim', async () => (await get()).status?.phase === 'Bound');
  const { volumeName = '' } = (await get()).spec ?? {};
  touch.run = async () => {
    const metadata = { annotations: { touched: 'yes' } };
    await client.patch(PersistentVolume, volumeName, { merge: { metadata } });
  };
  const more = { spec: { resources: { requests: { storage: '5Gi' } } } };
  await client.patch(PersistentVolumeClaim, 'data', { merge: more }, where);
  await until('a larger claim', async () => (await get()).status?.capacity?.['storage'] === '5Gi');
  assert.equal(conflicts, 1);
});

test('a claim that is in use stays until its pod has ended', async () => {
  await using cluster = await startWithNode();
  const { client, until, server } = cluster;
  await client.create(PersistentVolumeClaim, claim('data'));
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [{ name: 'main', image: 'web:1' }];
  const account = '/api/v1/namespaces/shop/serviceaccounts/default';
  await until('an account', async () => (await server.request('GET', account)).status === 200);
  const pod: Pod = { metadata: { name: 'web', namespace }, spec: { volumes, containers } };
  await client.create(Pod, pod);
  await client.delete(PersistentVolumeClaim, 'data', where);
  await server.clock.advance(10_000);
  const find = (): Promise<unknown> => client.find(PersistentVolumeClaim, 'data', where);
  assert.notEqual(await find(), undefined);
  const part = client.subresource<Pod>(Pod, 'web', 'status', where);
  await part.patch({ merge: { status: { phase: 'Succeeded' } } });
  await until('no claim', async () => (await find()) === undefined);
});

test('what a directory cannot be is told in an event', async () => {
  await using cluster = await startWithNode();
  const { client, until } = cluster;
  await client.create(PersistentVolumeClaim, claim('shared', { accessModes: ['ReadWriteMany'] }));
  await client.create(PersistentVolumeClaim, claim('lost'));
  await choose(cluster, 'shared', 'n1');
  await choose(cluster, 'lost', 'n9');
  const failures = async (name: string): Promise<readonly string[]> =>
    (await eventsOf(cluster, name)).filter((each) => each.startsWith('ProvisioningFailed'));
  await until('failures', async () =>
    [await failures('shared'), await failures('lost')].every(({ length }) => length > 0),
  );
  const begin = 'ProvisioningFailed: failed to provision volume with StorageClass "standard": ';
  assert.deepEqual(await failures('shared'), [
    `${begin}a directory of one node cannot be ReadWriteMany: ask for ReadWriteOnce or ReadWriteOncePod`,
  ]);
  assert.deepEqual(await failures('lost'), [`${begin}the node "n9" is gone`]);
  const lost = await client.get(PersistentVolumeClaim, 'lost', where);
  assert.equal(lost.metadata?.annotations?.['volume.kubernetes.io/selected-node'], undefined);
});

test('a pod brings its ephemeral claims along', async () => {
  await using cluster = await startWithNode();
  const { client, until, server } = cluster;
  const account = '/api/v1/namespaces/shop/serviceaccounts/default';
  await until('an account', async () => (await server.request('GET', account)).status === 200);
  const volumeClaimTemplate = { metadata: { labels: { a: 'b' } }, spec: claim('x').spec ?? {} };
  const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }];
  const containers = [{ name: 'main', image: 'web:1' }];
  const pod = await client.create(Pod, {
    metadata: { name: 'web', namespace },
    spec: { volumes, containers },
  });
  const find = (): Promise<PersistentVolumeClaim | undefined> =>
    client.find(PersistentVolumeClaim, 'web-scratch', where);
  await until('a claim', async () => (await find()) !== undefined);
  const made = await find();
  assert.equal(made?.metadata?.labels?.['a'], 'b');
  assert.equal(made?.metadata?.ownerReferences?.[0]?.uid, pod.metadata?.uid);
  await client.delete(Pod, 'web', { namespace, gracePeriodSeconds: 0 });
  await until('no claim', async () => (await find()) === undefined);
});

test('a class that somebody has deleted stays deleted', async () => {
  await using cluster = await startWithNode();
  const { client, server } = cluster;
  await client.delete(StorageClass, 'standard');
  await cluster.restartControllers();
  await server.clock.advance(60_000);
  assert.equal(await client.find(StorageClass, 'standard'), undefined);
});
