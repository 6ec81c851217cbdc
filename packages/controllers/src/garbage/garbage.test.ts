import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CustomObject, defineKind } from '@fairway/client';
import { withFaults } from '@fairway/client/testing';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { ConfigMap, Event, Namespace, Secret } from '@fairway/kinds/core/v1';
import { ClusterRole } from '@fairway/kinds/rbac/v1';
import type {
  HttpRequest,
  KubernetesObject,
  OwnerReference,
  ResourceDescriptor,
} from '@fairway/protocol';
import { ownerReference } from '@fairway/reconcile';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';
import { OwnerGraph } from './owner-graph.ts';

test('garbage() deletes what its only owner has left behind', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const owner = await make(cluster, 'owner');
  const other = await make(cluster, 'other');
  await make(cluster, 'owned', [ownerReference(ConfigMap, owner)]);
  await make(cluster, 'shared', [
    ownerReference(ConfigMap, owner),
    ownerReference(ConfigMap, other),
  ]);
  await cluster.server.clock.advance(1_000);
  assert.ok(await exists(cluster, 'owned'));
  await client.delete(ConfigMap, 'owner');
  await untilGone(cluster, 'owned');
  await cluster.until('one owner less', async () => {
    const shared = await client.get(ConfigMap, 'shared');
    return shared.metadata?.ownerReferences?.map(({ name }) => name).join() === 'other';
  });
  assert.deepEqual(cluster.warnings, []);
});

test('garbage() asks about each owner once, however many an object has', async () => {
  await using cluster = await startRunningCluster();
  const asked = cluster.countRequests('GET', /configmaps\/absent-/);
  const owners = Array.from({ length: 1_500 }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: `absent-${at}`,
    uid: `uid-${at}`,
  }));
  await make(cluster, 'owned', owners);
  await untilGone(cluster, 'owned');
  assert.ok(asked() < owners.length * 1.1, `${asked()} questions`);
});

test('garbage() deletes a whole tree, level by level', async () => {
  await using cluster = await startRunningCluster();
  let owner = await make(cluster, 'level0');
  for (let level = 1; level < 5; level++) {
    owner = await make(cluster, `level${level}`, [ownerReference(ConfigMap, owner)]);
  }
  await cluster.client.delete(ConfigMap, 'level0');
  await untilGone(cluster, 'level4');
});

test('garbage() lets an owner in the foreground wait for those that hold it', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const owner = await make(cluster, 'owner');
  const reference = { ...ownerReference(ConfigMap, owner), blockOwnerDeletion: true };
  const held = await make(cluster, 'held', [reference], ['example.com/wait']);
  await make(cluster, 'below', [ownerReference(ConfigMap, held)]);
  await cluster.server.clock.advance(1_000);
  await client.delete(ConfigMap, 'owner', { propagationPolicy: 'Foreground' });
  await cluster.until('the dependent that goes', async () => {
    return (await client.get(ConfigMap, 'held')).metadata?.deletionTimestamp !== undefined;
  });
  await cluster.server.clock.advance(2_000);
  assert.ok(await exists(cluster, 'owner'), 'it waits');
  await client.patch(ConfigMap, 'held', {
    json: [{ op: 'remove', path: '/metadata/finalizers/0' }],
  });
  await untilGone(cluster, 'owner');
  await untilGone(cluster, 'below');
});

test('garbage() lets an owner in the foreground go before those that do not hold it', async () => {
  await using cluster = await startRunningCluster();
  const owner = await make(cluster, 'owner');
  const finalizers = ['example.com/wait'];
  await make(cluster, 'free', [ownerReference(ConfigMap, owner)], finalizers);
  await cluster.server.clock.advance(1_000);
  await cluster.client.delete(ConfigMap, 'owner', { propagationPolicy: 'Foreground' });
  await untilGone(cluster, 'owner');
  assert.ok(await exists(cluster, 'free'));
});

test('garbage() makes dependents forget an owner that orphans them', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const owner = await make(cluster, 'owner');
  await make(cluster, 'left', [ownerReference(ConfigMap, owner)]);
  await cluster.server.clock.advance(1_000);
  await client.delete(ConfigMap, 'owner', { propagationPolicy: 'Orphan' });
  await untilGone(cluster, 'owner');
  await cluster.server.clock.advance(2_000);
  const left = await client.get(ConfigMap, 'left');
  assert.equal(left.metadata?.ownerReferences?.length ?? 0, 0);
});

test('garbage() lets an owner go when a dependent that it orphans goes meanwhile', async () => {
  await using cluster = await startRunningCluster({
    around: (api, clock) => {
      const run = async (): Promise<void> => void (await cluster.client.delete(ConfigMap, 'going'));
      const matches = ({ method, path }: HttpRequest): boolean =>
        method === 'PATCH' && path.endsWith('/configmaps/going');
      return withFaults(api, { faults: [{ kind: 'meanwhile', run }], clock, matches }).handler;
    },
  });
  const { client } = cluster;
  const owner = await make(cluster, 'owner');
  for (const name of ['going', 'left'])
    await make(cluster, name, [ownerReference(ConfigMap, owner)]);
  await cluster.server.clock.advance(1_000);
  await client.delete(ConfigMap, 'owner', { propagationPolicy: 'Orphan' });
  await untilGone(cluster, 'owner');
  assert.ok(!(await exists(cluster, 'going')));
  assert.deepEqual((await client.get(ConfigMap, 'left')).metadata?.ownerReferences ?? [], []);
});

test('garbage() deletes what names an owner that has never been', async () => {
  await using cluster = await startRunningCluster();
  const real = await make(cluster, 'real');
  const never = { apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'never' };
  const renamed = { ...ownerReference(ConfigMap, real), name: 'not-real' };
  await make(cluster, 'a', [never]);
  await make(cluster, 'b', [renamed]);
  await make(cluster, 'c', [never, ownerReference(ConfigMap, real)]);
  await untilGone(cluster, 'a');
  await untilGone(cluster, 'b');
  await cluster.server.clock.advance(2_000);
  assert.ok(await exists(cluster, 'c'));
});

test('garbage() takes an owner of another namespace for none', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: 'shop' } });
  const metadata = { name: 'owner', namespace: 'shop' };
  const owner = await client.create(ConfigMap, { metadata });
  await cluster.server.clock.advance(1_000);
  await make(cluster, 'astray', [ownerReference(ConfigMap, owner)]);
  await untilGone(cluster, 'astray');
  assert.ok(await client.find(ConfigMap, 'owner', { namespace: 'shop' }));
  await cluster.server.clock.advance(1_000);
  const { items } = await client.list(Event).all();
  assert.deepEqual(
    items.map(({ type, reason, message, reportingComponent, involvedObject }) => ({
      said: [type, reason, message, reportingComponent],
      about: [involvedObject.kind, involvedObject.name],
    })),
    [
      {
        said: [
          'Warning',
          'OwnerRefInvalidNamespace',
          `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata?.uid}] does not exist in namespace "default"`,
          'garbage-collector-controller',
        ],
        about: ['ConfigMap', 'astray'],
      },
    ],
  );
  assert.deepEqual(cluster.warnings, []);
});

test('garbage() says so too when it sees the owner after what refers to it', async () => {
  const [owner, seen] = ['owner-uid', [] as string[]];
  const graph = new OwnerGraph({
    onWork: () => {},
    onForeignOwner: ({ name }, reference) => void seen.push(`${name} ${reference.uid}`),
  });
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner };
  const refer = (name: string, namespace: string) =>
    graph.observe(ConfigMap, {
      metadata: { name, namespace, uid: name, ownerReferences: [reference] },
    });
  refer('far', 'a');
  refer('near', 'b');
  assert.deepEqual(seen, []);
  graph.observe(ConfigMap, { metadata: { name: 'owner', namespace: 'b', uid: owner } });
  assert.deepEqual(seen, ['far owner-uid']);
});

test('garbage() leaves alone what it cannot judge: unknown kinds, owners in some namespace', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const owner = await make(cluster, 'owner');
  const strange = { apiVersion: 'strange.example/v1', kind: 'Strange', name: 's', uid: 's' };
  await make(cluster, 'a', [strange]);
  const ownerReferences = [ownerReference(ConfigMap, owner)];
  await client.create(ClusterRole, { metadata: { name: 'wide', ownerReferences }, rules: [] });
  await cluster.server.clock.advance(1_000);
  await client.delete(ConfigMap, 'owner');
  await cluster.server.clock.advance(5_000);
  assert.ok(await exists(cluster, 'a'));
  assert.ok(await client.find(ClusterRole, 'wide'));
  const { items } = await client.list(Event, { namespace: 'default' }).all();
  assert.deepEqual(
    items.map(({ reason, involvedObject }) => [reason, involvedObject.kind, involvedObject.name]),
    [['OwnerRefInvalidNamespace', 'ClusterRole', 'wide']],
  );
});

test('garbage() breaks a circle of objects that wait for each other', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const a = await make(cluster, 'a');
  const b = await make(cluster, 'b', [
    { ...ownerReference(ConfigMap, a), blockOwnerDeletion: true },
  ]);
  const ownerReferences = [{ ...ownerReference(ConfigMap, b), blockOwnerDeletion: true }];
  await client.patch(ConfigMap, 'a', { merge: { metadata: { ownerReferences } } });
  await cluster.server.clock.advance(1_000);
  await client.delete(ConfigMap, 'a', { propagationPolicy: 'Foreground' });
  await untilGone(cluster, 'a');
  await untilGone(cluster, 'b');
});

test('garbage() collects custom resources, and what they own', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await cluster.server.clock.advance(1_000);
  await client.create(CustomResourceDefinition, boats);
  await cluster.until('the new resource', async () => {
    const attempt = client.create(Boat, { metadata: { name: 'ship', namespace: 'default' } });
    return attempt.then(
      () => true,
      () => false,
    );
  });
  const ship = await client.get(Boat, 'ship');
  const references = [ownerReference(Boat, ship)];
  await make(cluster, 'cargo', references);
  await client.create(Boat, { metadata: { name: 'dinghy', ownerReferences: references } });
  await cluster.server.clock.advance(5_000);
  assert.ok(await exists(cluster, 'cargo'));
  await client.delete(Boat, 'ship', { propagationPolicy: 'Foreground' });
  await untilGone(cluster, 'cargo');
  await untilGone(cluster, 'dinghy', Boat);
});

test('garbage() collects hundreds that lose their owner at once', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  const owner = await make(cluster, 'owner');
  const references = [ownerReference(ConfigMap, owner)];
  await Promise.all(
    Array.from({ length: 300 }, (_, at) =>
      client.create(Secret, { metadata: { name: `s${at}`, ownerReferences: references } }),
    ),
  );
  await client.delete(ConfigMap, 'owner');
  await cluster.until('an end', async () => (await client.list(Secret).all()).items.length === 0);
});

const Boat: ResourceDescriptor<CustomObject<unknown, unknown>> = defineKind({
  group: 'sea.example',
  version: 'v1',
  kind: 'Boat',
  plural: 'boats',
  isNamespaced: true,
});

const boats: CustomResourceDefinition = {
  metadata: { name: 'boats.sea.example' },
  spec: {
    group: 'sea.example',
    names: { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object' } },
      },
    ],
  },
};

function make(
  { client }: RunningCluster,
  name: string,
  ownerReferences: readonly OwnerReference[] = [],
  finalizers: readonly string[] = [],
): Promise<ConfigMap> {
  const metadata = {
    name,
    ownerReferences: [...ownerReferences],
    finalizers: [...finalizers],
  };
  return client.create(ConfigMap, { metadata });
}

async function exists(
  { client }: RunningCluster,
  name: string,
  kind: ResourceDescriptor<KubernetesObject> = ConfigMap,
): Promise<boolean> {
  return (await client.find(kind, name)) !== undefined;
}

function untilGone(
  cluster: RunningCluster,
  name: string,
  kind?: ResourceDescriptor<KubernetesObject>,
): Promise<void> {
  return cluster.until(`the end of ${name}`, async () => !(await exists(cluster, name, kind)));
}
