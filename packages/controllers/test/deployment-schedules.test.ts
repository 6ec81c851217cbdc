import assert from 'node:assert/strict';
import { Deployment, ReplicaSet } from '@fairway/kinds/apps/v1';
import { isPodActive } from '@fairway/kind-rules/pods';
import { isBeingDeleted } from '@fairway/reconcile';
import { deletePod, ifThere, moveAllPods, movePod } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const replicasMax = 5;
const surge = 2;
const labels = { app: 'web' };

testSchedules({
  name: 'deployments',
  controllers: ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'],
  prepare: create,
  acts: [
    scale,
    changeTemplate,
    changeTemplate,
    pauseOrResume,
    movePod,
    moveAllPods,
    deletePod,
    remove,
    create,
  ],
  check: neverBeyondTheSurge,
  settled: async (world) => {
    await moveAllPods(world);
    await isRolledOut(world);
  },
});

function find({ client, namespace }: World): Promise<Deployment | undefined> {
  return client.find(Deployment, 'web', { namespace });
}

async function create(world: World): Promise<void> {
  if ((await find(world)) !== undefined) return;
  const { client, namespace } = world;
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'web:0' }] },
  };
  const rollingUpdate = { maxSurge: surge, maxUnavailable: world.below(2) };
  await client.create(Deployment, {
    metadata: { name: 'web', namespace },
    spec: {
      replicas: wanted(world),
      selector: { matchLabels: labels },
      template,
      revisionHistoryLimit: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate },
    },
  });
}

/** Chooses a number of pods, and remembers the most that there was. */
function wanted(world: World): number {
  const replicas = world.below(replicasMax + 1);
  world.memory.set('most', Math.max(replicas, world.memory.get('most') ?? 0));
  return replicas;
}

function change({ client, namespace }: World, spec: object): Promise<void> {
  return ifThere(client.patch(Deployment, 'web', { strategic: { spec } }, { namespace }));
}

function scale(world: World): Promise<void> {
  return change(world, { replicas: wanted(world) });
}

function changeTemplate(world: World): Promise<void> {
  const containers = [{ name: 'main', image: `web:${world.below(4)}` }];
  return change(world, { template: { spec: { containers } } });
}

function pauseOrResume(world: World): Promise<void> {
  return change(world, { paused: world.below(3) === 0 });
}

function remove({ client, namespace }: World): Promise<void> {
  return ifThere(client.delete(Deployment, 'web', { namespace, propagationPolicy: 'Background' }));
}

async function neverBeyondTheSurge(world: World): Promise<void> {
  const { client, namespace } = world;
  const deployment = await find(world);
  if (deployment === undefined || isBeingDeleted(deployment)) return;
  const sets = (await client.list(ReplicaSet, { namespace }).all()).items;
  const own = sets.filter(
    ({ metadata }) => metadata?.ownerReferences?.[0]?.uid === deployment.metadata?.uid,
  );
  const total = own.reduce((sum, { spec }) => sum + (spec?.replicas ?? 0), 0);
  const most = (world.memory.get('most') ?? 0) + surge;
  assert.ok(total <= most, `replica sets want ${total} pods, and never more than ${most} may be`);
  const templates = own.map(({ spec }) => spec?.template?.spec?.containers[0]?.image);
  assert.equal(
    new Set(templates).size,
    own.length,
    `one replica set a template: ${templates.join()}`,
  );
}

async function isRolledOut(world: World): Promise<void> {
  const { client, namespace } = world;
  const deployment = await find(world);
  const pods = (await world.pods()).filter(isPodActive);
  if (deployment === undefined) return assert.equal(pods.length, 0, 'pods of nobody');
  const { spec, status, metadata } = deployment;
  const replicas = spec?.replicas ?? 0;
  assert.equal(status?.observedGeneration, metadata?.generation, 'status.observedGeneration');
  assert.equal(status?.replicas ?? 0, pods.length, 'status.replicas');
  const sets = (await client.list(ReplicaSet, { namespace }).all()).items;
  if (spec?.paused === true) return;
  assert.equal(pods.length, replicas, 'pods');
  assert.equal(status?.updatedReplicas ?? 0, replicas, 'status.updatedReplicas');
  assert.equal(status?.availableReplicas ?? 0, replicas, 'status.availableReplicas');
  for (const pod of pods) {
    const [image, now] = [pod.spec, spec?.template?.spec].map((each) => each?.containers[0]?.image);
    assert.equal(image, now, pod.metadata?.name);
  }
  assert.ok(sets.length <= 3, `${sets.length} replica sets, where two old ones are kept`);
  world.memory.set('most', replicas);
}
