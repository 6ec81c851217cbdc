import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { ConfigMap, Pod, ResourceQuota } from '@fairway/kinds/core/v1';
import { startRunningCluster } from '../../test/running-cluster.ts';

test('a quota counts and bounds a resource once it is served, and until then nobody asks for it again and again', async () => {
  await using cluster = await startRunningCluster({ controllers: ['resourcequota-controller'] });
  const { client, until } = cluster;
  const namespace = 'default';
  const hard = { 'count/fleets.example.com': '5', 'count/configmaps': '9' };
  await client.create(ResourceQuota, { metadata: { name: 'q', namespace }, spec: { hard } });
  const used = async (name: keyof typeof hard): Promise<string | undefined> => {
    const { status } = await client.get(ResourceQuota, 'q', { namespace });
    return status?.used?.[name];
  };
  await until('a count', async () => (await used('count/configmaps')) === '0');
  const looks = cluster.countRequests('GET', /^\/apis?$/);
  for (const count of ['1', '2', '3']) {
    await client.create(ConfigMap, { metadata: { name: `map-${count}`, namespace } });
    await until('a count', async () => (await used('count/configmaps')) === count);
  }
  assert.equal(looks(), 0);
  const names = { kind: 'Fleet', plural: 'fleets', singular: 'fleet', listKind: 'FleetList' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const version = { name: 'v1', served: true, storage: true, schema };
  await client.create(CustomResourceDefinition, {
    metadata: { name: 'fleets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version] },
  });
  await until('a count', async () => (await used('count/fleets.example.com')) === '0');
  const fleets = '/apis/example.com/v1/namespaces/default/fleets';
  const codes: number[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const body = { apiVersion: 'example.com/v1', kind: 'Fleet', metadata: { name } };
    codes.push((await cluster.server.request('POST', fleets, { body })).status);
  }
  assert.deepEqual(codes, [201, 201, 201, 201, 201, 403]);
  assert.deepEqual(cluster.warnings, []);
});

test('what is deleted at once is counted once', async () => {
  await using cluster = await startRunningCluster({ controllers: ['resourcequota-controller'] });
  const { client, server, until } = cluster;
  const namespace = 'default';
  const hard = { pods: '50', 'count/configmaps': '50' };
  await client.create(ResourceQuota, { metadata: { name: 'q', namespace }, spec: { hard } });
  const used = async (name: keyof typeof hard): Promise<string | undefined> =>
    (await client.get(ResourceQuota, 'q', { namespace })).status?.used?.[name];
  await until('a count', async () => (await used('count/configmaps')) === '0');
  const names = Array.from({ length: 20 }, (_, at) => `map-${at}`);
  for (const name of names) await client.create(ConfigMap, { metadata: { name, namespace } });
  await until('a count', async () => (await used('count/configmaps')) === '20');
  await server.clock.advance(1_000);
  const written = cluster.countRequests('PUT', /resourcequotas\/q\/status$/);
  for (const name of names) {
    await client.delete(ConfigMap, name, { namespace });
    await server.clock.advance(1);
  }
  await until('a count', async () => (await used('count/configmaps')) === '0');
  assert.equal(written(), 1);
});

test('a pod that should be gone long ago counts no more, though nothing is heard of it', async () => {
  await using cluster = await startRunningCluster({
    controllers: ['resourcequota-controller', 'serviceaccount-controller'],
  });
  const { client, server, until } = cluster;
  const namespace = 'default';
  await client.create(ResourceQuota, {
    metadata: { name: 'q', namespace },
    spec: { hard: { pods: '5' } },
  });
  const used = async (): Promise<string | undefined> =>
    (await client.get(ResourceQuota, 'q', { namespace })).status?.used?.['pods'];
  await until('a count', async () => (await used()) === '0');
  await client.create(Pod, {
    metadata: { name: 'p', namespace, finalizers: ['example.com/kept'] },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
  });
  await until('a count', async () => (await used()) === '1');
  await client.delete(Pod, 'p', { namespace });
  await server.clock.advance(60_000);
  assert.equal(await used(), '1');
  await server.clock.advance(330_000);
  assert.equal(await used(), '0');
});
