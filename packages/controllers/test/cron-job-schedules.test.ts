import assert from 'node:assert/strict';
import { CronJob, type CronJobSpec, Job } from '@fairway/kinds/batch/v1';
import { formatTime, parseTime } from '@fairway/protocol';
import { controllerOf } from '@fairway/reconcile';
import { ifThere } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

testSchedules({
  name: 'cron jobs',
  controllers: ['cronjob-controller', 'garbage-collector-controller'],
  prepare: create,
  acts: [finish, finish, finish, suspend, deleteJob, deleteCronJob, create],
  check: async (world) => {
    const cronJob = await find(world);
    if (cronJob === undefined) return;
    const jobs = await jobsOf(world, cronJob);
    onceForEachTime(world, jobs);
    if (cronJob.spec?.concurrencyPolicy === 'Forbid') atMostOne(jobs);
  },
  settled: async (world) => {
    const { client, namespace } = world;
    const merge = { spec: { suspend: false } };
    await ifThere(client.patch(CronJob, 'tick', { merge }, { namespace }));
    await isAsWanted(world);
  },
});

async function find({ client, namespace }: World): Promise<CronJob | undefined> {
  return client.find(CronJob, 'tick', { namespace });
}

async function jobsOf({ client, namespace }: World, { metadata }: CronJob): Promise<Job[]> {
  const { items } = await client.list(Job, { namespace }).all();
  return items.filter((job) => controllerOf(job)?.uid === metadata?.uid);
}

async function create(world: World): Promise<void> {
  const { client, namespace } = world;
  if ((await find(world)) !== undefined) return;
  const containers = [{ name: 'main', image: 'app:1' }];
  const template = { spec: { containers, restartPolicy: 'Never' as const } };
  const spec: CronJobSpec = {
    schedule: '* * * * *',
    concurrencyPolicy: world.of(['Allow', 'Forbid', 'Replace'] as const),
    successfulJobsHistoryLimit: world.below(2),
    failedJobsHistoryLimit: world.below(2),
    ...world.of([{}, { startingDeadlineSeconds: 30 }]),
    jobTemplate: { spec: { template } },
  };
  await client.create(CronJob, { metadata: { name: 'tick', namespace }, spec });
}

/** A job that chance chooses comes to an end. */
async function finish(world: World): Promise<void> {
  const { client, clock, namespace } = world;
  const open = (await client.list(Job, { namespace }).all()).items.filter((job) => !isOver(job));
  if (open.length === 0) return;
  const job = world.of(open);
  const time = formatTime(clock.now());
  const type = world.of(['Complete', 'Failed']);
  const status = {
    startTime: job.metadata?.creationTimestamp ?? time,
    ...(type === 'Complete' ? { completionTime: time } : {}),
    conditions: [{ type, status: 'True', lastTransitionTime: time }],
  };
  const name = job.metadata?.name ?? '';
  const part = client.subresource<Job>(Job, name, 'status', { namespace });
  await ifThere(part.replace({ ...job, status }));
}

async function suspend(world: World): Promise<void> {
  const { client, namespace } = world;
  const merge = { spec: { suspend: world.below(2) === 0 } };
  await ifThere(client.patch(CronJob, 'tick', { merge }, { namespace }));
}

/** Of a time whose job a user has deleted there may be another one. */
async function deleteJob(world: World): Promise<void> {
  const { client, namespace } = world;
  const { items } = await client.list(Job, { namespace }).all();
  if (items.length === 0) return;
  const { name = '' } = world.of(items).metadata ?? {};
  const propagationPolicy = 'Background' as const;
  await ifThere(client.delete(Job, name, { namespace, propagationPolicy }));
  for (const key of world.memory.keys()) {
    if (key.startsWith(`job ${name} `)) world.memory.delete(key);
  }
}

async function deleteCronJob({ client, namespace }: World): Promise<void> {
  await ifThere(client.delete(CronJob, 'tick', { namespace, propagationPolicy: 'Background' }));
}

function onceForEachTime({ memory }: World, jobs: readonly Job[]): void {
  for (const { metadata } of jobs) {
    const [owner] = metadata?.ownerReferences ?? [];
    memory.set(`job ${metadata?.name} ${owner?.uid} ${metadata?.uid}`, 1);
  }
  const times = [...memory.keys()].map((key) => key.split(' ').slice(0, 3).join(' '));
  assert.equal(new Set(times).size, times.length, 'two jobs for one time');
}

function atMostOne(jobs: readonly Job[]): void {
  const running = jobs.filter(
    (job) => !isOver(job) && job.metadata?.deletionTimestamp === undefined,
  );
  assert.ok(running.length <= 1, `${running.length} jobs at a time`);
}

function isOver({ status }: Job): boolean {
  const ends = ['Complete', 'Failed'];
  return (status?.conditions ?? []).some(
    (each) => ends.includes(each.type) && each.status === 'True',
  );
}

async function isAsWanted(world: World): Promise<void> {
  const cronJob = await find(world);
  if (cronJob === undefined) return;
  const { spec, status } = cronJob;
  const jobs = await jobsOf(world, cronJob);
  for (const [type, limit] of [
    ['Complete', spec?.successfulJobsHistoryLimit],
    ['Failed', spec?.failedJobsHistoryLimit],
  ] as const) {
    const ended = jobs.filter((job) => job.status?.conditions?.some((each) => each.type === type));
    assert.ok(ended.length <= (limit ?? 0), `${ended.length} jobs are kept that are ${type}`);
  }
  const open = jobs.filter((job) => !isOver(job)).map(({ metadata }) => metadata?.uid);
  const active = (status?.active ?? []).map(({ uid }) => uid);
  assert.deepEqual(active.toSorted(), open.toSorted(), 'status.active');
  if (spec?.concurrencyPolicy !== 'Allow') atMostOne(jobs);
  if (spec?.concurrencyPolicy === 'Forbid' && open.length > 0) return;
  const lastMs = parseTime(status?.lastScheduleTime ?? '') ?? 0;
  assert.ok(world.clock.now() - lastMs <= 61_000, 'the last minute has its job');
}
