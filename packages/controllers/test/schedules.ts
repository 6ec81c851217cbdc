import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@fairway/client';
import { type Clock, type Random, messageOf } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import { Pod } from '@fairway/kinds/core/v1';
import type { LoadBalancerAddresses } from '../src/controller-parts.ts';
import { RandomFaults } from './random-faults.ts';
import { addNamespace, type RunningCluster, startRunningCluster } from './running-cluster.ts';

/** One schedule: a namespace of its own, and chance that repeats with its seed. */
export class World {
  /** The administrator, without faults. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly seed: number;
  readonly namespace: string;
  /** What a scenario has to remember of its own. */
  readonly memory = new Map<string, number>();

  constructor(cluster: RunningCluster, seed: number) {
    this.client = cluster.client;
    this.clock = cluster.server.clock;
    this.random = seededRandom(seed);
    this.seed = seed;
    this.namespace = `schedule-${seed}`;
  }

  below(count: number): number {
    return Math.floor(this.random.fraction() * count);
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    assert.ok(chosen !== undefined);
    return chosen;
  }

  async pods(): Promise<readonly Pod[]> {
    return (await this.client.list(Pod, { namespace: this.namespace }).all()).items;
  }
}

/** A controller under test, and what must hold whatever happens to it. */
export interface Scenario {
  readonly name: string;
  readonly controllers: readonly string[];
  readonly loadBalancerAddresses?: LoadBalancerAddresses;
  /** Makes what the controller works on. */
  readonly prepare: (world: World) => Promise<void>;
  /** What users, kubelets and others do: one of them is chosen by chance at a time. */
  readonly acts: readonly ((world: World) => Promise<void>)[];
  /** Throws when something does not hold that must hold at any moment. */
  readonly check: (world: World) => Promise<void>;
  /** Throws when the world is not as wanted, after faults have ended and time has passed. */
  readonly settled: (world: World) => Promise<void>;
  /** How long that takes at the most; 30 minutes when absent, which is longer than the longest pause of a work queue. */
  readonly settlesWithinMs?: number;
}

/** Schedules of each scenario: `SCHEDULES=1000 npm test -- schedules` runs more of them. */
const scheduleCount = Number(process.env['SCHEDULES'] ?? 24);
/** Schedules that share a cluster, its clock, its faults and the restarts of its controllers. */
const togetherMax = 40;
const rounds = 3;
const stepsPerRound = 8;

/**
 * Drives a controller through seeded random schedules on an injected clock: objects are changed and
 * deleted under it, its writes are refused and their answers lost, its watches cut, its clock jumps, and
 * it is started again. What must hold is checked after each step, and after each round, when all is
 * calm, what must have come about. `SCHEDULES_SEED` repeats a failure.
 */
export function testSchedules(scenario: Scenario): void {
  test(`${scenario.name}: what must hold holds after each step of ${scheduleCount} schedules`, async (context) => {
    const first = Number(process.env['SCHEDULES_SEED'] ?? Math.floor(Math.random() * 1_000_000));
    context.diagnostic(`SCHEDULES_SEED=${first}`);
    for (let done = 0; done < scheduleCount; done += togetherMax) {
      const count = Math.min(togetherMax, scheduleCount - done);
      await runTogether(scenario, { firstSeed: first + done, count });
    }
  });
}

async function runTogether(
  scenario: Scenario,
  { firstSeed, count }: { readonly firstSeed: number; readonly count: number },
): Promise<void> {
  const random = seededRandom(firstSeed);
  const faults: RandomFaults[] = [];
  await using cluster = await startRunningCluster({
    controllers: scenario.controllers,
    ...(scenario.loadBalancerAddresses && {
      loadBalancerAddresses: scenario.loadBalancerAddresses,
    }),
    around: (api, clock) => {
      const touch = (path: string): Promise<void> => touchObject(cluster, path);
      const mine = new RandomFaults({ random, clock, touch });
      mine.areOn = faults[0]?.areOn ?? false;
      faults.push(mine);
      return mine.around(api);
    },
  });
  const worlds = Array.from({ length: count }, (_, at) => new World(cluster, firstSeed + at));
  for (const world of worlds) await telling(world, () => prepare(scenario, world));
  for (let round = 0; round < rounds; round++) {
    for (const each of faults) each.areOn = true;
    for (let step = 0; step < stepsPerRound; step++) {
      for (const world of worlds) {
        if (world.below(2) === 0) await telling(world, () => world.of(scenario.acts)(world));
      }
      await pass(cluster, random);
      for (const world of worlds) await telling(world, () => scenario.check(world));
    }
    for (const each of faults) each.areOn = false;
    await calmDown(scenario, cluster, worlds);
  }
}

async function prepare(scenario: Scenario, world: World): Promise<void> {
  const { client, namespace } = world;
  await addNamespace(client, namespace);
  await scenario.prepare(world);
}

/** Somebody changes an object, of which `path` may name a part. */
async function touchObject({ server }: RunningCluster, path: string): Promise<void> {
  const object = path.replace(/\/status$/, '');
  const annotations = { touched: String(server.clock.elapsed()) };
  const headers = { 'content-type': 'application/merge-patch+json' };
  // It may be gone: then there is nothing to touch.
  await server.request('PATCH', object, { headers, body: { metadata: { annotations } } });
}

/** Time passes, and now and then more than that. */
async function pass(cluster: RunningCluster, random: Random): Promise<void> {
  const { clock } = cluster.server;
  const chance = random.fraction();
  if (chance < 0.1) await cluster.restartControllers();
  else if (chance < 0.15) clock.jump((random.fraction() - 0.3) * 60_000);
  await clock.advance(random.fraction() * 2_000);
}

/** Lets time pass until every world is as wanted. */
async function calmDown(
  scenario: Scenario,
  cluster: RunningCluster,
  worlds: readonly World[],
): Promise<void> {
  const { clock } = cluster.server;
  const deadlineMs = clock.elapsed() + (scenario.settlesWithinMs ?? 1_800_000);
  let unsettled: readonly World[] = worlds;
  for (let stepMs = 1_000; ; stepMs = Math.min(stepMs * 2, 30_000)) {
    await clock.advance(stepMs);
    await delay(0);
    const isLast = clock.elapsed() >= deadlineMs;
    const outcomes = await Promise.all(unsettled.map((world) => outcomeOf(scenario, world)));
    if (isLast)
      for (const { world, error } of outcomes) if (error !== undefined) throw failed(world, error);
    unsettled = outcomes.filter(({ error }) => error !== undefined).map(({ world }) => world);
    for (const world of worlds) await telling(world, () => scenario.check(world));
    if (unsettled.length === 0) return;
  }
}

async function outcomeOf(
  scenario: Scenario,
  world: World,
): Promise<{ readonly world: World; readonly error?: unknown }> {
  try {
    await scenario.settled(world);
    return { world };
  } catch (error) {
    return { world, error };
  }
}

async function telling(world: World, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw failed(world, error);
  }
}

function failed({ namespace }: World, cause: unknown): Error {
  const reason = messageOf(cause);
  return new Error(`${namespace}: ${reason}`, { cause });
}
