import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyObject, type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';

const services = '/apis/apiregistration.k8s.io/v1/apiservices';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const automanaged = 'kube-aggregator.kubernetes.io/automanaged';

/** `v1.apps 17800 15 onstart Local` of each, by their names. */
async function table(server: TestServer): Promise<readonly string[]> {
  const { json } = await server.expect(200, 'GET', services);
  return (json['items'] as readonly AnyObject[]).map(({ metadata, spec, status }) => {
    const { reason } = status.conditions?.[0] ?? {};
    const label = metadata.labels?.[automanaged] ?? '-';
    const { groupPriorityMinimum, versionPriority } = spec;
    return `${metadata.name} ${groupPriorityMinimum} ${versionPriority} ${label} ${reason}`;
  });
}

async function define(server: TestServer, plural: string, versions: readonly string[]) {
  const schema = { openAPIV3Schema: { type: 'object' } };
  await server.expect(201, 'POST', definitions, {
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.ships.example` },
      spec: {
        group: 'ships.example',
        scope: 'Namespaced',
        names: { plural, kind: plural.toUpperCase(), singular: plural },
        versions: versions.map((name, at) => ({ name, served: true, storage: at === 0, schema })),
      },
    },
  });
}

/** Waits until a look of the server at its definitions has come to this. */
async function until(server: TestServer, isSo: (names: readonly string[]) => boolean) {
  await using watch = await server.watch(`${services}?watch=true`);
  for (;;) {
    const lines = await table(server);
    if (isSo(lines.map((line) => line.split(' ')[0] ?? ''))) return lines;
    await watch.next();
  }
}

test('every group version that is built in has its APIService, with the priorities of Kubernetes', async () => {
  await using server = await startTestServer();
  assert.deepEqual(await table(server), [
    'v1. 18000 1 onstart Local',
    'v1.admissionregistration.k8s.io 16700 15 onstart Local',
    'v1.apiextensions.k8s.io 16700 15 onstart Local',
    'v1.apps 17800 15 onstart Local',
    'v1.authentication.k8s.io 17700 15 onstart Local',
    'v1.authorization.k8s.io 17600 15 onstart Local',
    'v1.autoscaling 17500 15 onstart Local',
    'v1.batch 17400 15 onstart Local',
    'v1.certificates.k8s.io 17300 15 onstart Local',
    'v1.coordination.k8s.io 16500 15 onstart Local',
    'v1.discovery.k8s.io 16200 15 onstart Local',
    'v1.events.k8s.io 17750 15 onstart Local',
    'v1.flowcontrol.apiserver.k8s.io 16100 21 onstart Local',
    'v1.networking.k8s.io 17200 15 onstart Local',
    'v1.node.k8s.io 16300 15 onstart Local',
    'v1.policy 17100 15 onstart Local',
    'v1.rbac.authorization.k8s.io 17000 15 onstart Local',
    'v1.resource.k8s.io 16200 20 onstart Local',
    'v1.scheduling.k8s.io 16600 15 onstart Local',
    'v1.storage.k8s.io 16800 15 onstart Local',
    'v2.autoscaling 17500 30 onstart Local',
  ]);
  const { json } = await server.expect(200, 'GET', `${services}/v1.apps`);
  const { lastTransitionTime, ...condition } = json['status'].conditions[0];
  assert.match(lastTransitionTime, /Z$/);
  assert.deepEqual(condition, {
    type: 'Available',
    status: 'True',
    reason: 'Local',
    message: 'Local APIServices are always available',
  });
});

test('APIServices of definitions come and go with them, and come again when somebody takes one away', async () => {
  await using server = await startTestServer();
  await define(server, 'tugs', ['v1', 'v1beta1']);
  const lines = await until(server, (names) => names.includes('v1beta1.ships.example'));
  assert.ok(lines.includes('v1.ships.example 1000 100 true Local'), lines.join('\n'));
  await server.expect(200, 'DELETE', `${services}/v1.ships.example`);
  await until(server, (names) => names.includes('v1.ships.example'));
  await server.expect(200, 'DELETE', `${definitions}/tugs.ships.example`);
  await until(server, (names) => !names.some((name) => name.endsWith('ships.example')));
});

test('a start mends what a server has registered, and leaves alone what somebody made', async () => {
  await using first = await startTestServer();
  const patch = (name: string, body: object) =>
    first.expect(200, 'PATCH', `${services}/${name}`, {
      body,
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  await first.expect(200, 'DELETE', `${services}/v1.batch`);
  await patch('v1.apps', { spec: { versionPriority: 3 } });
  await patch('v1.policy', { metadata: { labels: null }, spec: { versionPriority: 4 } });
  const stale = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    spec: { group: 'old.example', version: 'v1', groupPriorityMinimum: 9, versionPriority: 9 },
  };
  const create = (labels: object, group: string) =>
    first.expect(201, 'POST', services, {
      body: { ...stale, metadata: { name: `v1.${group}`, labels }, spec: { ...stale.spec, group } },
    });
  await create({ [automanaged]: 'true' }, 'old.example');
  await create({}, 'mine.example');
  const before = await table(first);
  assert.ok(!before.some((line) => line.startsWith('v1.batch')), 'taken away, it stays away');
  await using again = await startTestServer({ openStore: async () => first.store });
  const after = await table(again);
  assert.ok(after.includes('v1.batch 17400 15 onstart Local'));
  assert.ok(after.includes('v1.apps 17800 15 onstart Local'));
  assert.ok(after.includes('v1.policy 17100 4 - Local'));
  assert.ok(after.includes('v1.mine.example 9 9 - Local'));
  assert.ok(!after.some((line) => line.startsWith('v1.old.example')));
});

test('discovery is in the order that APIServices say', async () => {
  await using server = await startTestServer();
  await define(server, 'tugs', ['v1', 'v2beta1']);
  await until(server, (names) => names.includes('v2beta1.ships.example'));
  const groups = async (): Promise<readonly AnyObject[]> =>
    (await server.expect(200, 'GET', '/apis')).json['groups'];
  assert.equal((await groups()).at(-1)?.['name'], 'ships.example');
  assert.equal((await groups()).at(-1)?.['preferredVersion'].version, 'v1');
  const patch = (name: string, body: object) =>
    server.expect(200, 'PATCH', `${services}/${name}`, {
      body: { metadata: { labels: null }, spec: body },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  await patch('v2beta1.ships.example', { groupPriorityMinimum: 17_801, versionPriority: 101 });
  // What was written is followed a turn later.
  await settle();
  const [, second] = await groups();
  assert.equal(second?.['name'], 'ships.example');
  assert.equal(second?.['preferredVersion'].version, 'v2beta1');
});
