import assert from 'node:assert/strict';
import { StatefulSet, type StatefulSetSpec } from '@fairway/kinds/apps/v1';
import { PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import { isPodReady, podCondition } from '@fairway/kind-rules/pods';
import { isControlledBy } from '@fairway/reconcile';
import { deleteAsUser, ifThere, moveAllPods, movePod } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const labels = { app: 'db' };
const replicasMax = 4;

testSchedules({
  name: 'stateful sets',
  controllers: [
    'statefulset-controller',
    'garbage-collector-controller',
    'persistentvolumeclaim-protection-controller',
  ],
  prepare: create,
  acts: [
    scale,
    scale,
    movePod,
    movePod,
    moveAllPods,
    moveAllPods,
    deleteAsUser,
    changeImage,
    changeStrategy,
    makePodByHand,
    deleteSet,
    create,
  ],
  check: async (world) => {
    const set = await find(world);
    await keepsClaims(world);
    if (set !== undefined) await keepsOrder(world, set);
  },
  settled: async (world) => {
    await moveAllPods(world);
    await isAsWanted(world);
  },
});

/** What a world is like for its whole life. */
function natureOf({ seed }: World): {
  readonly hasClaims: boolean;
  readonly isParallel: boolean;
  readonly policy: 'Retain' | 'Delete';
} {
  const kind = seed % 6;
  return {
    hasClaims: kind < 4,
    isParallel: kind % 2 === 1,
    policy: kind < 2 ? 'Delete' : 'Retain',
  };
}

async function find({ client, namespace }: World): Promise<StatefulSet | undefined> {
  return client.find(StatefulSet, 'db', { namespace });
}

async function create(world: World): Promise<void> {
  const { client, namespace } = world;
  if ((await find(world)) !== undefined) return;
  const { hasClaims, isParallel, policy } = natureOf(world);
  const data = {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce' as const],
      resources: { requests: { storage: '1Gi' } },
    },
  };
  // A pod that has a node is deleted by its kubelet, and takes its time.
  const template = {
    metadata: { labels },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'db:1' }] },
  };
  const spec: StatefulSetSpec = {
    replicas: world.below(replicasMax + 1),
    selector: { matchLabels: labels },
    template,
    podManagementPolicy: isParallel ? 'Parallel' : 'OrderedReady',
    persistentVolumeClaimRetentionPolicy: { whenScaled: policy, whenDeleted: policy },
    ...(hasClaims ? { volumeClaimTemplates: [data] } : {}),
  };
  await client.create(StatefulSet, { metadata: { name: 'db', namespace }, spec });
}

async function change({ client, namespace }: World, spec: object): Promise<void> {
  await ifThere(client.patch(StatefulSet, 'db', { strategic: { spec } }, { namespace }));
}

async function scale(world: World): Promise<void> {
  await change(world, { replicas: world.below(replicasMax + 1) });
}

async function changeImage(world: World): Promise<void> {
  const image = `db:${1 + world.below(3)}`;
  await change(world, { template: { spec: { containers: [{ name: 'main', image }] } } });
}

async function changeStrategy(world: World): Promise<void> {
  const partition = world.below(3);
  const updateStrategy =
    world.below(4) === 0
      ? { type: 'OnDelete', rollingUpdate: null }
      : { type: 'RollingUpdate', rollingUpdate: { partition } };
  await change(world, { updateStrategy });
}

/** Its claims are nobody's then, whatever the policy said. */
async function deleteSet({ client, namespace, memory }: World): Promise<void> {
  memory.set('orphaned', 1);
  await ifThere(client.delete(StatefulSet, 'db', { namespace, propagationPolicy: 'Orphan' }));
}

/** A pod that the set will take, with a name of the set. One without the volumes of the set cannot be mended. */
async function makePodByHand(world: World): Promise<void> {
  if (natureOf(world).hasClaims) return;
  const { client, namespace } = world;
  const name = `db-${world.below(replicasMax)}`;
  if ((await client.find(Pod, name, { namespace })) !== undefined) return;
  const spec = { containers: [{ name: 'main', image: 'db:1' }] };
  await client.create(Pod, { metadata: { name, namespace, labels }, spec });
}

/** Claims that stay by the policy are never lost. */
async function keepsClaims(world: World): Promise<void> {
  const { client, namespace, memory } = world;
  if (natureOf(world).policy === 'Delete') return;
  const { items } = await client.list(PersistentVolumeClaim, { namespace }).all();
  const uids = new Set(items.map(({ metadata }) => `claim ${metadata?.uid}`));
  for (const uid of uids) memory.set(uid, 1);
  for (const uid of memory.keys()) {
    if (uid.startsWith('claim ')) assert.ok(uids.has(uid), `${uid} was lost`);
  }
}

/**
 * In an ordered set, a pod is not made while one before it waits to run, and one pod is deleted at a time.
 * Each pod has the claims of its name.
 */
async function keepsOrder(world: World, set: StatefulSet): Promise<void> {
  const own = (await world.pods())
    .filter((pod) => isControlledBy(pod, set))
    .toSorted((one, other) => ordinalOf(one) - ordinalOf(other));
  for (const pod of own) {
    const claims = (pod.spec?.volumes ?? []).flatMap((each) => each.persistentVolumeClaim ?? []);
    for (const { claimName } of claims) assert.equal(claimName, `data-${pod.metadata?.name}`);
  }
  if (natureOf(world).isParallel) return;
  const untouched = own.filter(
    (pod) =>
      podCondition(pod, 'Ready') === undefined &&
      pod.metadata?.generateName !== undefined &&
      pod.metadata.deletionTimestamp === undefined,
  );
  for (const [at, pod] of untouched.entries()) {
    const before = untouched.slice(0, at).map(createdAt);
    const latest = before.reduce((one, other) => (one > other ? one : other), '');
    const what = `${pod.metadata?.name} was made while one before it waited`;
    assert.ok(createdAt(pod) <= latest || at === 0, what);
  }
  const deleted = own.filter(
    ({ metadata }) =>
      metadata?.deletionTimestamp !== undefined && !world.memory.has(metadata.uid ?? ''),
  );
  assert.ok(deleted.length <= 1, `${deleted.length} pods were deleted at once`);
}

async function isAsWanted(world: World): Promise<void> {
  const { client, namespace } = world;
  const set = await find(world);
  if (set === undefined) return;
  const replicas = set.spec?.replicas ?? 0;
  const pods = (await world.pods()).filter((pod) => isControlledBy(pod, set));
  const wanted = Array.from({ length: replicas }, (_, ordinal) => `db-${ordinal}`);
  assert.deepEqual(pods.map(({ metadata }) => metadata?.name).toSorted(), wanted);
  for (const pod of pods) assert.ok(isPodReady(pod), `${pod.metadata?.name} is not ready`);
  const { status, spec } = set;
  assert.equal(status?.replicas, replicas, 'status.replicas');
  assert.equal(status?.readyReplicas ?? 0, replicas, 'status.readyReplicas');
  assert.equal(status?.observedGeneration, set.metadata?.generation);
  if (spec?.updateStrategy?.type === 'RollingUpdate') {
    const updated = pods.filter(
      (pod) => ordinalOf(pod) >= (spec.updateStrategy?.rollingUpdate?.partition ?? 0),
    );
    for (const pod of updated) assert.equal(revisionOf(pod), status?.updateRevision);
    const old = pods.filter((pod) => revisionOf(pod) !== status?.updateRevision);
    const isOver = old.length === 0 && replicas > 0;
    if (isOver) assert.equal(status?.currentRevision, status?.updateRevision, 'currentRevision');
  }
  if (!natureOf(world).hasClaims) return;
  const { items } = await client.list(PersistentVolumeClaim, { namespace }).all();
  const names = items.map(({ metadata }) => metadata?.name ?? '').toSorted();
  for (const name of wanted) assert.ok(names.includes(`data-${name}`), `no claim of ${name}`);
  if (natureOf(world).policy === 'Delete' && !world.memory.has('orphaned')) {
    assert.equal(names.length, replicas, `claims ${names.join(' ')}`);
  }
}

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata?.name?.split('-').at(-1));
}

function createdAt({ metadata }: Pod): string {
  return metadata?.creationTimestamp ?? '';
}

function revisionOf({ metadata }: Pod): string | undefined {
  return metadata?.labels?.['controller-revision-hash'];
}
