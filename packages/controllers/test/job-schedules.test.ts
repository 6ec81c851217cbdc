import assert from 'node:assert/strict';
import { Job, type JobSpec } from '@fairway/kinds/batch/v1';
import { Pod } from '@fairway/kinds/core/v1';
import { isPodActive, isPodOver, isPodTerminating } from '@fairway/kind-rules/pods';
import { isControlledBy, controllerOf, hasFinalizer } from '@fairway/reconcile';
import { deletePod, ifThere, movePod, setPhase } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const finalizer = 'batch.kubernetes.io/job-tracking';
const indexKey = 'batch.kubernetes.io/job-completion-index';

testSchedules({
  name: 'jobs',
  controllers: ['job-controller', 'garbage-collector-controller'],
  prepare: create,
  acts: [
    succeed,
    succeed,
    succeed,
    movePod,
    deletePod,
    suspend,
    changeParallelism,
    deleteJob,
    create,
  ],
  check: async (world) => {
    const job = await find(world);
    if (job === undefined) return;
    const pods = (await world.pods()).filter((pod) => isControlledBy(pod, job));
    neverTooMany(world, job, pods);
    countedOnce(world, job);
    staysFinished(world, job);
  },
  settled: async (world) => {
    await goOn(world);
    await hasComeToAnEnd(world);
  },
});

async function find({ client, namespace }: World): Promise<Job | undefined> {
  return client.find(Job, 'work', { namespace });
}

/** A job of a kind that chance chooses; one that has finished makes room. */
async function create(world: World): Promise<void> {
  const { client, namespace } = world;
  const before = await find(world);
  if (before !== undefined && isFinished(before)) await deleteJob(world);
  if (before !== undefined) return;
  const parallelism = 1 + world.below(3);
  const completions = 1 + world.below(4);
  const kinds: readonly Partial<JobSpec>[] = [
    { completions },
    {},
    { completions, completionMode: 'Indexed' },
    { completions, completionMode: 'Indexed', backoffLimitPerIndex: 1 },
  ];
  const spec: JobSpec = {
    parallelism,
    backoffLimit: world.of([1, 100]),
    podReplacementPolicy: world.of(['Failed', 'TerminatingOrFailed']),
    ...world.of(kinds),
    template: { spec: { containers: [{ name: 'main', image: 'app:1' }], restartPolicy: 'Never' } },
  };
  const { metadata } = await client.create(Job, { metadata: { name: 'work', namespace }, spec });
  world.memory.set(`most ${metadata?.uid}`, parallelism);
}

/** A pod that chance chooses comes to a good end. */
async function succeed(world: World): Promise<void> {
  const pods = (await world.pods()).filter(
    (pod) => isPodActive(pod) && hasFinalizer(pod, finalizer),
  );
  if (pods.length > 0) await succeeds(world, world.of(pods));
}

/** Remembered are pods that were to be counted at that moment. */
async function succeeds(world: World, { metadata }: Pod): Promise<void> {
  const { client, namespace } = world;
  const path = { namespace };
  const pod = await client.find(Pod, metadata?.name ?? '', path);
  if (pod === undefined || !isPodActive(pod) || !hasFinalizer(pod, finalizer)) return;
  await setPhase(world, pod, 'Succeeded');
  const owner = controllerOf(pod)?.uid;
  const after = await client.find(Pod, metadata?.name ?? '', path);
  const isDone = after?.status?.phase === 'Succeeded';
  if (!isDone || owner === undefined) return;
  const index = pod.metadata?.annotations?.[indexKey] ?? pod.metadata?.uid;
  world.memory.set(`success ${owner} ${index}`, 1);
}

async function suspend(world: World): Promise<void> {
  await change(world, { suspend: world.below(2) === 0 });
}

async function changeParallelism(world: World): Promise<void> {
  const job = await find(world);
  if (job === undefined) return;
  const parallelism = 1 + world.below(3);
  const key = `most ${job.metadata?.uid}`;
  world.memory.set(key, Math.max(parallelism, world.memory.get(key) ?? 0));
  await change(world, { parallelism });
}

async function change({ client, namespace }: World, spec: Partial<JobSpec>): Promise<void> {
  await ifThere(client.patch(Job, 'work', { merge: { spec } }, { namespace }));
}

async function deleteJob(world: World): Promise<void> {
  const { client, namespace } = world;
  const propagationPolicy = world.of(['Background', 'Foreground', 'Orphan'] as const);
  await ifThere(client.delete(Job, 'work', { namespace, propagationPolicy }));
}

function neverTooMany(world: World, { metadata, spec }: Job, pods: readonly Pod[]): void {
  const isPatient = spec?.podReplacementPolicy === 'Failed';
  const counted = pods.filter((pod) => isPodActive(pod) || (isPatient && isPodTerminating(pod)));
  const most = world.memory.get(`most ${metadata?.uid}`) ?? 0;
  assert.ok(counted.length <= most, `${counted.length} pods at a time, and ${most} were allowed`);
}

/** What the status counts, and has not given a number yet. */
function successesIn({ status }: Job): number {
  return (status?.succeeded ?? 0) + (status?.uncountedTerminatedPods?.succeeded ?? []).length;
}

function countedOnce(world: World, job: Job): void {
  const { metadata, spec, status } = job;
  const successes = successesIn(job);
  const known = successesOf(world, job);
  assert.ok(successes <= known, `${successes} successes are counted, and there were ${known}`);
  if (spec?.completions !== undefined) {
    assert.ok(successes <= spec.completions, `${successes} of ${spec.completions} completions`);
  }
  for (const name of ['succeeded', 'failed'] as const) {
    const key = `${name} ${metadata?.uid}`;
    const count = status?.[name] ?? 0;
    assert.ok(count >= (world.memory.get(key) ?? 0), `status.${name} went back to ${count}`);
    world.memory.set(key, count);
    const uids = status?.uncountedTerminatedPods?.[name] ?? [];
    assert.equal(new Set(uids).size, uids.length, 'a pod is to be counted twice');
  }
}

function successesOf({ memory }: World, { metadata }: Job): number {
  return [...memory.keys()].filter((key) => key.startsWith(`success ${metadata?.uid} `)).length;
}

function staysFinished({ memory }: World, { metadata, status }: Job): void {
  const held = (status?.conditions ?? []).filter((each) => each.status === 'True');
  const ends = held.filter(({ type }) => type === 'Complete' || type === 'Failed');
  assert.ok(ends.length <= 1, 'complete and failed');
  const key = `finished ${metadata?.uid}`;
  assert.ok(ends.length >= (memory.get(key) ?? 0), 'not finished any more');
  memory.set(key, ends.length);
  if (ends.length === 0) return;
  assert.deepEqual(status?.uncountedTerminatedPods, {}, 'finished, and pods are not counted');
  assert.deepEqual([status?.active ?? 0, status?.terminating], [0, 0], 'finished, and pods run');
}

function isFinished({ status }: Job): boolean {
  const ends = ['Complete', 'Failed'];
  return (status?.conditions ?? []).some(
    (each) => ends.includes(each.type) && each.status === 'True',
  );
}

/** What kubelets come to in the end, where nobody suspends a job. */
async function goOn(world: World): Promise<void> {
  const { client, namespace } = world;
  await change(world, { suspend: false });
  for (const pod of await world.pods()) {
    // One that was let go and could not be deleted works on, and nobody counts what comes of it.
    if (isPodActive(pod) && !hasFinalizer(pod, finalizer)) await setPhase(world, pod, 'Succeeded');
    else if (isPodActive(pod)) await succeeds(world, pod);
    else if (pod.metadata?.deletionTimestamp !== undefined) {
      // A kubelet says how a pod has ended before it lets it go, and the collector of pods in its place.
      if (!isPodOver(pod)) await setPhase(world, pod, 'Failed');
      const how = { namespace, gracePeriodSeconds: 0 };
      await ifThere(client.delete(Pod, pod.metadata.name ?? '', how));
    }
  }
}

async function hasComeToAnEnd(world: World): Promise<void> {
  const job = await find(world);
  const pods = await world.pods();
  if (job !== undefined) {
    assert.ok(isFinished(job), `finished: ${JSON.stringify(job.status)}`);
    assert.equal(job.metadata?.deletionTimestamp, undefined, 'gone');
    const succeeded = job.status?.succeeded ?? 0;
    assert.equal(succeeded, successesOf(world, job), 'successes that are counted');
    const isComplete = job.status?.completionTime !== undefined;
    if (isComplete) assert.ok(succeeded >= (job.spec?.completions ?? 1), 'complete too soon');
    const own = pods.filter((pod) => isControlledBy(pod, job));
    assert.deepEqual(
      own.filter((pod) => !isPodOver(pod)),
      [],
      'pods that still run',
    );
  }
  const waiting = pods.filter((pod) => hasFinalizer(pod, finalizer));
  assert.deepEqual(
    waiting.map(({ metadata }) => metadata?.name),
    [],
    'pods that nobody let go',
  );
}
