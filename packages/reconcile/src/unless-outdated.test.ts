import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isForbidden } from '@fairway/client';
import type { UserInfo } from '@fairway/protocol';
import { ConfigMap, configMap, startTestCluster } from '../test/test-cluster.ts';
import { deleteUnlessOutdated, unlessAnother, unlessOutdated } from './unless-outdated.ts';

test('deleteUnlessOutdated() deletes the very object, and no other one of its name', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  const first = await client.create(ConfigMap, configMap('a'));
  assert.equal(await deleteUnlessOutdated(client, ConfigMap, first), true);
  assert.equal(await deleteUnlessOutdated(client, ConfigMap, first), false);
  const second = await client.create(ConfigMap, configMap('a'));
  assert.equal(await deleteUnlessOutdated(client, ConfigMap, first), false);
  await client.patch(ConfigMap, 'a', { merge: { data: { v: '1' } } });
  assert.equal(await deleteUnlessOutdated(client, ConfigMap, second, { ifUnchanged: true }), false);
  assert.notEqual(await client.find(ConfigMap, 'a'), undefined);
  assert.equal(await deleteUnlessOutdated(client, ConfigMap, second), true);
});

test('unlessAnother() patches the object with this uid, and no other one of its name', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  const { metadata } = await client.create(ConfigMap, configMap('a'));
  const patch = (uid: string | undefined): Promise<ConfigMap | undefined> => {
    const change = { metadata: { uid }, data: { v: '1' } };
    return unlessAnother(client.patch(ConfigMap, 'a', { strategic: change }));
  };
  assert.equal((await patch(metadata?.uid))?.data?.['v'], '1');
  assert.equal(await patch('of-another'), undefined);
  await client.delete(ConfigMap, 'a');
  assert.equal(await patch(metadata?.uid), undefined);
});

test('unlessOutdated() answers what was written, and passes refusals on', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  const made = await unlessOutdated(client.create(ConfigMap, configMap('a')));
  assert.equal(made?.metadata?.name, 'a');
  assert.equal(await unlessOutdated(client.create(ConfigMap, configMap('a'))), undefined);
  const nobody: UserInfo = { username: 'nobody', groups: ['system:authenticated'] };
  const theirs = cluster.clientFor(nobody);
  await assert.rejects(unlessOutdated(theirs.create(ConfigMap, configMap('b'))), isForbidden);
  await assert.rejects(deleteUnlessOutdated(theirs, ConfigMap, made ?? {}), isForbidden);
});
