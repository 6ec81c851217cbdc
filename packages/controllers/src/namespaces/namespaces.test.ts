import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Namespace, Pod, Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { Role } from '@fairway/kinds/rbac/v1';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';

const shop = { namespace: 'shop' };

test('namespaces() empties a namespace that is deleted, and lets it go', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: 'shop' } });
  await client.create(ConfigMap, { metadata: { name: 'a', ...shop } });
  await client.create(Secret, { metadata: { name: 'b', ...shop } });
  await client.create(Role, { metadata: { name: 'c', ...shop }, rules: [] });
  await client.create(ConfigMap, { metadata: { name: 'elsewhere', namespace: 'default' } });
  await cluster.until('the certificate', async () => (await content(cluster)).length >= 4);
  await client.delete(Namespace, 'shop');
  await untilGone(cluster);
  assert.deepEqual(await content(cluster), []);
  assert.ok(await client.find(ConfigMap, 'elsewhere', { namespace: 'default' }));
  assert.deepEqual(cluster.warnings, []);
});

test('namespaces() says in conditions what is left and which finalizers hold it', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: 'shop' } });
  const finalizers = ['example.com/wait'];
  await client.create(ConfigMap, { metadata: { name: 'held', finalizers, ...shop } });
  await client.delete(Namespace, 'shop');
  const conditions = async (): Promise<Map<string, string>> => {
    const namespace = await client.get(Namespace, 'shop');
    const all = namespace.status?.conditions ?? [];
    return new Map(all.map(({ type, status, message }) => [type, `${status}: ${message}`]));
  };
  await cluster.until('the conditions', async () => (await conditions()).size === 5);
  assert.deepEqual(Object.fromEntries(await conditions()), {
    NamespaceDeletionDiscoveryFailure: 'False: All resources successfully discovered',
    NamespaceDeletionGroupVersionParsingFailure: 'False: All legacy kube types successfully parsed',
    NamespaceDeletionContentFailure:
      'False: All content successfully deleted, may be waiting on finalization',
    NamespaceContentRemaining:
      'True: Some resources are remaining: configmaps. has 1 resource instances',
    NamespaceFinalizersRemaining:
      'True: Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances',
  });
  assert.equal((await client.get(Namespace, 'shop')).status?.phase, 'Terminating');
  await client.patch(ConfigMap, 'held', { merge: { metadata: { finalizers: [] } } }, shop);
  await untilGone(cluster);
  assert.deepEqual(cluster.warnings, []);
});

test('namespaces() deletes pods first, and everything else when they are gone', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: 'shop' } });
  await client.create(ConfigMap, { metadata: { name: 'needed', ...shop } });
  const finalizers = ['example.com/wait'];
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await cluster.until('the account', async () => {
    return (await client.find(ServiceAccount, 'default', shop)) !== undefined;
  });
  await client.create(Pod, { metadata: { name: 'p', finalizers, ...shop }, spec });
  await client.delete(Namespace, 'shop');
  await cluster.until('a pod that goes', async () => {
    const pod = await client.get(Pod, 'p', shop);
    return pod.metadata?.deletionTimestamp !== undefined;
  });
  await cluster.server.clock.advance(2_000);
  assert.ok(await client.find(ConfigMap, 'needed', shop));
  await client.patch(Pod, 'p', { merge: { metadata: { finalizers: [] } } }, shop);
  await untilGone(cluster);
});

test('namespaces() keeps a namespace that somebody else still holds', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const spec = { finalizers: ['kubernetes', 'example.com/mine'] };
  await client.create(Namespace, { metadata: { name: 'shop' }, spec });
  await client.create(ConfigMap, { metadata: { name: 'a', ...shop } });
  await client.delete(Namespace, 'shop');
  await cluster.until('its own finalizer gone', async () => {
    const namespace = await client.get(Namespace, 'shop');
    return namespace.spec?.finalizers?.join() === 'example.com/mine';
  });
  const namespace = await client.get(Namespace, 'shop');
  await client
    .subresource(Namespace, 'shop', 'finalize')
    .replace({ ...namespace, spec: { finalizers: [] } });
  assert.equal(await client.find(Namespace, 'shop'), undefined);
});

async function content({ client }: RunningCluster): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for (const kind of [ConfigMap, Secret, Role, Pod]) {
    const { items } = await client.list(kind, { ...shop, as: 'metadata' }).all();
    found.push(...items.map(({ metadata }) => metadata.name));
  }
  return found;
}

function untilGone(cluster: RunningCluster): Promise<void> {
  return cluster.until('the end of the namespace', async () => {
    return (await cluster.client.find(Namespace, 'shop')) === undefined;
  });
}
