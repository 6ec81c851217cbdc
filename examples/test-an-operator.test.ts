// A test of code that works on a cluster, with a cluster of its own: nothing to install, no socket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isConflict, isInvalid } from '@fairway/client';
import { ConfigMap } from '@fairway/kinds/core/v1';
import { openTestCluster } from 'fairway/testing';

test('a config map keeps what two writers put into it', async () => {
  await using cluster = await openTestCluster();
  const { client } = cluster;
  await client.create(ConfigMap, { metadata: { name: 'tides' }, data: { high: '06:12' } });

  const read = await client.get(ConfigMap, 'tides');
  await client.update(ConfigMap, 'tides', (tides) => {
    tides.data = { ...tides.data, low: '12:30' };
  });
  await assert.rejects(client.replace(ConfigMap, { ...read, data: {} }), isConflict);
  const { data } = await client.get(ConfigMap, 'tides');
  assert.deepEqual(data, { high: '06:12', low: '12:30' });
});

test('a name that no cluster would take is refused here too', async () => {
  await using cluster = await openTestCluster({ controllers: [] });
  const wrong = { metadata: { name: 'Not_A_Name' } };
  await assert.rejects(cluster.client.create(ConfigMap, wrong), isInvalid);
});
