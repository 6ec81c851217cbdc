import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaSet } from '@fairway/kinds/apps/v1';
import { Namespace, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { startRunningCluster } from '../../test/running-cluster.ts';

const controllers = ['serviceaccount-controller', 'replicaset-controller'];

test('a replica set has the pods that it wants, and takes and leaves those that others made', async () => {
  await using cluster = await startRunningCluster({ controllers });
  const { client, until } = cluster;
  const namespace = 'shop';
  await client.create(Namespace, { metadata: { name: namespace } });
  const account = (): Promise<unknown> => client.find(ServiceAccount, 'default', { namespace });
  await until('an account for pods', async () => (await account()) !== undefined);
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'web:1' }] },
  };
  await client.create(ReplicaSet, {
    metadata: { name: 'web', namespace },
    spec: { replicas: 30, selector: { matchLabels: { app: 'web' } }, template },
  });
  const countPods = async (): Promise<number> =>
    (await client.list(Pod, { namespace }).all()).items.length;
  await until('30 pods', async () => (await countPods()) === 30);
  await until('the status', async () => {
    const { status } = await client.get(ReplicaSet, 'web', { namespace });
    return status?.replicas === 30 && status.fullyLabeledReplicas === 30;
  });
  await client.patch(ReplicaSet, 'web', { merge: { spec: { replicas: 3 } } }, { namespace });
  await until('3 pods', async () => (await countPods()) === 3);
  const { items } = await client.list(Pod, { namespace }).all();
  const leaving = items[0]?.metadata?.name ?? '';
  await client.patch(
    Pod,
    leaving,
    { merge: { metadata: { labels: { app: 'db' } } } },
    { namespace },
  );
  await until('a pod in its place', async () => (await countPods()) === 4);
  const left = await client.get(Pod, leaving, { namespace });
  assert.equal(left.metadata?.ownerReferences, undefined);
  assert.deepEqual(cluster.warnings, []);
});
