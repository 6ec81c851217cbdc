import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ServiceAccount,
} from '@fairway/kinds/core/v1';
import { startRunningCluster } from '../../test/running-cluster.ts';

const claim: PersistentVolumeClaim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

test('claimProtection() keeps a deleted claim until no pod uses it', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const exists = async (): Promise<boolean> =>
    (await client.find(PersistentVolumeClaim, 'data')) !== undefined;
  await cluster.until(
    'the account',
    async () => (await client.find(ServiceAccount, 'default')) !== undefined,
  );
  await client.create(PersistentVolumeClaim, claim);
  await client.create(Pod, {
    metadata: { name: 'user' },
    spec: {
      containers: [{ name: 'c', image: 'a' }],
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }],
    },
  });
  await client.delete(PersistentVolumeClaim, 'data');
  await cluster.server.clock.advance(30_000);
  assert.equal(await exists(), true);
  await client.delete(Pod, 'user');
  await cluster.until('the end of the claim', async () => !(await exists()));
  assert.deepEqual(cluster.warnings, []);
});

test('volumeProtection() lets a deleted volume go that is bound to nothing', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await client.create(PersistentVolume, {
    metadata: { name: 'disk' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/x' },
    },
  });
  await client.delete(PersistentVolume, 'disk');
  await cluster.until(
    'the end of the volume',
    async () => (await client.find(PersistentVolume, 'disk')) === undefined,
  );
  assert.deepEqual(cluster.warnings, []);
});
