import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isConflict } from '@fairway/client';
import { ConfigMap, configMap, startTestCluster } from '../test/test-cluster.ts';
import { addFinalizer, hasFinalizer, isBeingDeleted, removeFinalizer } from './finalizers.ts';

const finalizer = 'shop.example/clean-up';

test('addFinalizer() keeps an object until removeFinalizer() lets it go', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  const created = await client.create(ConfigMap, configMap('a'));
  const object = await addFinalizer(client, ConfigMap, { object: created, finalizer });
  assert.deepEqual(
    [hasFinalizer(created, finalizer), hasFinalizer(object, finalizer)],
    [false, true],
  );
  assert.equal(await addFinalizer(client, ConfigMap, { object, finalizer }), object);
  await client.delete(ConfigMap, 'a');
  const going = await client.get(ConfigMap, 'a');
  assert.equal(isBeingDeleted(going), true);
  await removeFinalizer(client, ConfigMap, { object: going, finalizer });
  assert.equal(await client.find(ConfigMap, 'a'), undefined);
  assert.equal(await removeFinalizer(client, ConfigMap, { object: going, finalizer }), undefined);
});

test('removeFinalizer() leaves the finalizers that others have added meanwhile', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  const created = await client.create(ConfigMap, configMap('a'));
  const object = await addFinalizer(client, ConfigMap, { object: created, finalizer });
  const theirs = 'other.example/clean-up';
  await addFinalizer(client, ConfigMap, { object, finalizer: theirs });
  await assert.rejects(removeFinalizer(client, ConfigMap, { object, finalizer }), isConflict);
  const current = await client.get(ConfigMap, 'a');
  await removeFinalizer(client, ConfigMap, { object: current, finalizer });
  assert.deepEqual((await client.get(ConfigMap, 'a')).metadata?.finalizers, [theirs]);
});
