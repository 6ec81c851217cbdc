import assert from 'node:assert/strict';
import { ReplicaSet } from '@fairway/kinds/apps/v1';
import { Pod } from '@fairway/kinds/core/v1';
import { isPodActive } from '@fairway/kind-rules/pods';
import { isControlledBy, controllerOf } from '@fairway/reconcile';
import { deletePod, ifThere, moveAllPods, movePod } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const labels = { app: 'web' };
const replicasMax = 6;

testSchedules({
  name: 'replica sets',
  controllers: ['replicaset-controller', 'garbage-collector-controller'],
  prepare: create,
  acts: [scale, movePod, movePod, moveAllPods, deletePod, relabel, makeOrphan, deleteSet, create],
  check: neverTooMany,
  settled: async (world) => {
    await moveAllPods(world);
    await isAsWanted(world);
  },
});

async function find({ client, namespace }: World): Promise<ReplicaSet | undefined> {
  return client.find(ReplicaSet, 'web', { namespace });
}

async function create(world: World): Promise<void> {
  const { client, namespace } = world;
  if ((await find(world)) !== undefined) return;
  const replicas = world.below(replicasMax + 1);
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'web:1' }] },
  };
  const metadata = { name: 'web', namespace };
  const spec = { replicas, selector: { matchLabels: labels }, template };
  await client.create(ReplicaSet, { metadata, spec });
  world.memory.set('most', Math.max(replicas, world.memory.get('most') ?? 0));
}

async function scale(world: World): Promise<void> {
  const { client, namespace } = world;
  const replicas = world.below(replicasMax + 1);
  await ifThere(client.patch(ReplicaSet, 'web', { merge: { spec: { replicas } } }, { namespace }));
  world.memory.set('most', Math.max(replicas, world.memory.get('most') ?? 0));
}

async function deleteSet({ client, namespace }: World): Promise<void> {
  await ifThere(client.delete(ReplicaSet, 'web', { namespace, propagationPolicy: 'Orphan' }));
}

/** A user takes a pod out of the set. */
async function relabel(world: World): Promise<void> {
  const { client, namespace } = world;
  const pods = await world.pods();
  if (pods.length === 0) return;
  const { name = '' } = world.of(pods).metadata ?? {};
  const changed = { metadata: { labels: { app: 'other' } } };
  await ifThere(client.patch(Pod, name, { merge: changed }, { namespace }));
}

async function makeOrphan({ client, namespace }: World): Promise<void> {
  const metadata = { generateName: 'orphan-', namespace, labels };
  await client.create(Pod, { metadata, spec: { containers: [{ name: 'main', image: 'web:1' }] } });
}

/** Pods that were made for the set: of those that it took, others decide how many there are. */
async function neverTooMany(world: World): Promise<void> {
  const set = await find(world);
  if (set === undefined) return;
  const pods = await world.pods();
  const made = pods.filter(
    (pod) => isPodActive(pod) && pod.metadata?.generateName === 'web-' && isControlledBy(pod, set),
  );
  const most = world.memory.get('most') ?? 0;
  assert.ok(made.length <= most, `${made.length} pods, and never more than ${most} were wanted`);
}

async function isAsWanted(world: World): Promise<void> {
  const set = await find(world);
  if (set === undefined) return;
  const pods = await world.pods();
  const own = pods.filter((pod) => isPodActive(pod) && isControlledBy(pod, set));
  const wanted = set.spec?.replicas ?? 0;
  assert.equal(own.length, wanted, 'pods of the set');
  for (const { metadata } of own) assert.equal(metadata?.labels?.['app'], 'web', metadata?.name);
  assert.equal(set.status?.replicas, wanted, 'status.replicas');
  assert.equal(set.status?.readyReplicas ?? 0, wanted, 'status.readyReplicas');
  assert.equal(set.status?.observedGeneration, set.metadata?.generation);
  const orphans = pods.filter(
    (pod) =>
      isPodActive(pod) &&
      controllerOf(pod) === undefined &&
      pod.metadata?.labels?.['app'] === 'web',
  );
  assert.equal(orphans.length, 0, 'pods that nobody took');
  world.memory.set('most', wanted);
}
