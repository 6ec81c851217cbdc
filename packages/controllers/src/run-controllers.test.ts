import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { ConfigMap, Namespace, ServiceAccount } from '@fairway/kinds/core/v1';
import { ClusterRole } from '@fairway/kinds/rbac/v1';
import { silentLogger } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import type { Handler, UserInfo } from '@fairway/protocol';
import { type RunningCluster, clientOf, startRunningCluster } from '../test/running-cluster.ts';
import { createControllersElector, runControllers } from './run-controllers.ts';

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

test('runControllers() acts under the names of kube-controller-manager', async () => {
  const agents = new Set<string>();
  await using server = await startTestServer();
  const { api, clock } = server;
  const handlerFor = (user: UserInfo): Handler => {
    const next = api.handlerFor(user);
    return (request) => {
      agents.add(`${user.username.split(':').at(-1)} ${request.headers['user-agent']}`);
      return next(request);
    };
  };
  const stopping = new AbortController();
  const running = runControllers(
    {
      handlerFor,
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      authorityCertificate: 'PEM',
      controllers: ['*', '-garbage-collector-controller'],
    },
    stopping.signal,
  );
  await clock.advance(2_000);
  stopping.abort();
  await running;
  assert.ok(
    agents.has(
      'root-ca-cert-publisher kube-controller-manager/fairway (root-ca-certificate-publisher-controller)',
    ),
  );
  assert.ok(
    agents.has('kube-controller-manager kube-controller-manager/fairway (shared-informers)'),
  );
  assert.ok(![...agents].some((agent) => agent.includes('garbage')));
  // The fields that controllers write belong to whom they belong to on any cluster.
  const { metadata } = await clientOf(server).get(ConfigMap, 'kube-root-ca.crt');
  assert.deepEqual(
    metadata?.managedFields?.map(({ manager }) => manager),
    ['kube-controller-manager'],
  );
});

test('runControllers() runs those that are asked for, and refuses names of none', async () => {
  await using cluster = await startRunningCluster({
    controllers: ['*', '-root-ca-certificate-publisher-controller'],
  });
  await untilExists(cluster, 'default');
  await cluster.server.clock.advance(5_000);
  const { client } = cluster;
  const where = { namespace: 'default' };
  assert.equal(await client.find(ConfigMap, 'kube-root-ca.crt', where), undefined);
  const wrong = runControllers(
    {
      handlerFor: cluster.server.api.handlerFor,
      clock: cluster.server.clock,
      random: seededRandom(1),
      logger: silentLogger,
      authorityCertificate: 'PEM',
      controllers: ['cron'],
    },
    new AbortController().signal,
  );
  await assert.rejects(wrong, /"cron" is no controller/);
});

test('runControllers() of several processes work one at a time, and the next when the first goes', async () => {
  await using server = await startTestServer();
  const one = startCandidate(server, 'one');
  await server.clock.advance(1_000);
  const another = startCandidate(server, 'another');
  await server.clock.advance(30_000);
  const makeNamespace = async (name: string): Promise<void> => {
    await clientOf(server).create(Namespace, { metadata: { name } });
    await server.clock.advance(2_000);
  };
  await makeNamespace('first');
  assert.ok(one.writes.some((path) => path.includes('/first/')));
  assert.equal(another.writes.length, 0);
  await one.stop();
  await server.clock.advance(10_000);
  await makeNamespace('second');
  assert.ok(another.writes.some((path) => path.includes('/second/')));
  // One that only falls silent is succeeded when its lease has run out, and has ended by then.
  const third = startCandidate(server, 'third');
  await server.clock.advance(5_000);
  another.fallSilent();
  await server.clock.advance(14_000);
  const before = another.writes.length;
  await server.clock.advance(10_000);
  await makeNamespace('third');
  assert.ok(third.writes.some((path) => path.includes('/third/')));
  assert.equal(another.writes.length, before);
  await Promise.all([another.stop(), third.stop()]);
});

/** A process that could run the controllers of a server, and what it has written except leases. */
function startCandidate(server: TestServer, identity: string) {
  const stopping = new AbortController();
  const writes: string[] = [];
  let isSilent = false;
  const handlerFor = (user: UserInfo): Handler => {
    const next = server.api.handlerFor(user);
    return (request) => {
      if (request.method === 'POST' && !request.path.includes('leases')) writes.push(request.path);
      return isSilent ? new Promise(() => {}) : next(request);
    };
  };
  const reach = { handlerFor, clock: server.clock, random: seededRandom(identity.length) };
  const logger = silentLogger;
  const elector = createControllersElector({ ...reach, identity, logger });
  const options = { ...reach, logger, authorityCertificate: 'PEM', elector };
  const running = runControllers(options, stopping.signal);
  return {
    writes,
    fallSilent: () => (isSilent = true),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function untilExists(cluster: RunningCluster, namespace: string): Promise<void> {
  return cluster.until(`the account in ${namespace}`, async () => {
    return (await cluster.client.find(ServiceAccount, 'default', { namespace })) !== undefined;
  });
}
