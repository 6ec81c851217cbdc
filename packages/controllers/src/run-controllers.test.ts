import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { ConfigMap, Namespace, ServiceAccount } from '@fairway/kinds/core/v1';
import { ClusterRole } from '@fairway/kinds/rbac/v1';
import { silentLogger } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import type { Handler, UserInfo } from '@fairway/protocol';
import { type RunningCluster, clientOf, startRunningCluster } from '../test/running-cluster.ts';
import { runControllers } from './run-controllers.ts';

test('runControllers() keeps a default service account in every namespace', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: 'shop' } });
  await untilExists(cluster, 'shop');
  for (const namespace of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await untilExists(cluster, namespace);
  }
  const { metadata } = await client.get(ServiceAccount, 'default', { namespace: 'shop' });
  await client.delete(ServiceAccount, 'default', { namespace: 'shop' });
  await cluster.until('a new account', async () => {
    const found = await client.find(ServiceAccount, 'default', { namespace: 'shop' });
    return found !== undefined && found.metadata?.uid !== metadata?.uid;
  });
  assert.deepEqual(cluster.warnings, []);
});

test('runControllers() publishes the certificate of the authority, and mends it', async () => {
  await using cluster = await startRunningCluster({ authorityCertificate: 'PEM' });
  const { client } = cluster;
  const where = { namespace: 'default' };
  const read = (): Promise<ConfigMap | undefined> =>
    client.find(ConfigMap, 'kube-root-ca.crt', where);
  await cluster.until('the certificate', async () => (await read()) !== undefined);
  const map = await read();
  assert.deepEqual(map?.data, { 'ca.crt': 'PEM' });
  assert.match(map?.metadata?.annotations?.['kubernetes.io/description'] ?? '', /CA bundle/);
  const merge = { data: { 'ca.crt': 'other', more: 'x' }, metadata: { labels: { kept: 'yes' } } };
  await client.patch(ConfigMap, 'kube-root-ca.crt', { merge }, where);
  await cluster.until('the right content', async () => (await read())?.data?.['ca.crt'] === 'PEM');
  const mended = await read();
  assert.deepEqual(
    [mended?.data, mended?.metadata?.labels],
    [{ 'ca.crt': 'PEM' }, { kept: 'yes' }],
  );
  await client.delete(ConfigMap, 'kube-root-ca.crt', where);
  await cluster.until('another one', async () => (await read()) !== undefined);
  assert.deepEqual(cluster.warnings, []);
});

test('runControllers() collects the rules of roles into those that aggregate them', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const rules = [{ apiGroups: ['shop.example'], resources: ['carts'], verbs: ['get'] }];
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  await client.create(ClusterRole, { metadata: { name: 'carts', labels }, rules });
  const hasRule = async (name: string): Promise<boolean> =>
    JSON.stringify((await client.get(ClusterRole, name)).rules).includes('"carts"');
  // `view` flows into `edit`, and that into `admin`.
  for (const name of ['view', 'edit', 'admin']) await cluster.until(name, () => hasRule(name));
  await client.delete(ClusterRole, 'carts');
  for (const name of ['view', 'edit', 'admin']) {
    await cluster.until(`${name} without`, async () => !(await hasRule(name)));
  }
  assert.deepEqual(cluster.warnings, []);
});

test('runControllers() ends when its signal aborts, whatever it is doing', async () => {
  const cluster = await startRunningCluster();
  await cluster[Symbol.asyncDispose]();
  assert.deepEqual(cluster.warnings, []);
});

test('runControllers() of several processes work one at a time', async () => {
  await using server = await startTestServer();
  const { api, clock } = server;
  const writes: string[] = [];
  const start = (identity: string) => {
    const stopping = new AbortController();
    const handlerFor = (user: UserInfo): Handler => {
      const next = api.handlerFor(user);
      return (request) => {
        if (request.method === 'POST' && !request.path.includes('leases')) writes.push(identity);
        return next(request);
      };
    };
    const random = seededRandom(identity.length);
    const authorityCertificate = 'a certificate';
    const options = {
      handlerFor,
      clock,
      random,
      logger: silentLogger,
      authorityCertificate,
      identity,
    };
    const running = runControllers(options, stopping.signal);
    return async (): Promise<void> => {
      stopping.abort();
      await running;
    };
  };
  const stopOne = start('one');
  await clock.advance(1_000);
  const stopAnother = start('another');
  await clock.advance(30_000);
  assert.deepEqual([...new Set(writes)], ['one']);
  await stopOne();
  writes.length = 0;
  await clock.advance(10_000);
  await clientOf(server).create(Namespace, { metadata: { name: 'shop' } });
  await clock.advance(5_000);
  assert.deepEqual([...new Set(writes)], ['another']);
  await stopAnother();
});

function untilExists(cluster: RunningCluster, namespace: string): Promise<void> {
  return cluster.until(`the account in ${namespace}`, async () => {
    return (await cluster.client.find(ServiceAccount, 'default', { namespace })) !== undefined;
  });
}
