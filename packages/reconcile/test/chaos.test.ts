import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, settle } from '@fairway/host/testing';
import { Namespace } from '@fairway/kinds/core/v1';
import { FaultSchedule } from './fault-schedule.ts';
import { type TestCluster, startTestCluster } from './test-cluster.ts';

const scheduleCount = 1_000;
/** Schedules that share a server and its clock, so that each suffers the compactions of others. */
const together = 50;
/** Longer than any watch lives, the waits of a storm included. */
const recoveryMs = 900_000;

test(`an informer equals the server after each of ${scheduleCount} fault schedules`, async (context) => {
  const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1_000_000));
  context.diagnostic(`CHAOS_SEED=${seed}`);
  for (let first = 0; first < scheduleCount; first += together) {
    await using cluster = await startTestCluster();
    const seeds = Array.from({ length: together }, (_, at) => seed + first + at + 1);
    await runSchedules(cluster, seeds);
  }
});

async function runSchedules(cluster: TestCluster, seeds: readonly number[]): Promise<void> {
  const { clock } = cluster.server;
  const random = seededRandom(seeds[0] ?? 1);
  for (const each of seeds) {
    await cluster.client.create(Namespace, { metadata: { name: `chaos-${each}` } });
  }
  const schedules = seeds.map((each) => new FaultSchedule(cluster, each));
  for (let step = 0; step < 30; step++) {
    for (const schedule of schedules) if (random.fraction() < 0.4) await schedule.write();
    if (random.fraction() < 0.2) clock.jump((random.fraction() - 0.5) * 86_400_000);
    await clock.advance(random.fraction() * 1_500);
  }
  // A watch that lives on asks for nothing: what is still planned happens when it ends.
  for (let waited = 0; waited < 6; waited++) {
    await clock.advance(recoveryMs);
    if (schedules.every(({ remainingFaults }) => remainingFaults === 0)) break;
  }
  for (const schedule of schedules) await schedule.write();
  await clock.advance(recoveryMs);
  for (const schedule of schedules) {
    const difference = await schedule.difference();
    const faults = JSON.stringify(schedule.faults);
    assert.equal(difference, undefined, `seed ${schedule.seed}, faults ${faults}`);
    assert.equal(schedule.remainingFaults, 0, `seed ${schedule.seed}, faults ${faults}`);
    await schedule.stop();
  }
  await settle();
}
