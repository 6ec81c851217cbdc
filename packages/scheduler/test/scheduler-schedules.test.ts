import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isConflict, isNotFound } from '@fairway/client';
import { type Fault, withFaults } from '@fairway/client/testing';
import type { Random } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import { podCondition } from '@fairway/kind-rules/pods';
import { Node, Pod } from '@fairway/kinds/core/v1';
import type { HttpRequest } from '@fairway/protocol';
import { type RunningScheduler, startScheduler } from './running-scheduler.ts';
import { node, pod } from './situation.ts';

/** `SCHEDULES=1000 npm test -- scheduler-schedules` runs more of them; `SCHEDULES_SEED` repeats a failure. */
const scheduleCount = Number(process.env['SCHEDULES'] ?? 8);
const rounds = 3;
const stepsPerRound = 10;
const coresOfNode = 4;
const priorities = [0, 0, 0, 10, 100];

test(`what must hold holds after each step of ${scheduleCount} schedules of a scheduler`, async (context) => {
  const first = Number(process.env['SCHEDULES_SEED'] ?? Math.floor(Math.random() * 1_000_000));
  context.diagnostic(`SCHEDULES_SEED=${first}`);
  for (let seed = first; seed < first + scheduleCount; seed++) {
    try {
      await runSchedule(seed);
    } catch (cause) {
      throw new Error(`SCHEDULES_SEED=${seed}: ${(cause as Error).message}`, { cause });
    }
  }
});

/** Pods by their uids, with the nodes that they have been given. */
type Bound = Map<string, string>;

async function runSchedule(seed: number): Promise<void> {
  const random = seededRandom(seed);
  await using cluster = await startScheduler();
  const bound: Bound = new Map();
  const world = new World(cluster, random);
  for (let round = 0; round < rounds; round++) {
    cluster.intercept((request, next) => {
      const fault = world.faultFor(request);
      if (fault === undefined) return next(request);
      const plan = { faults: [fault], clock: cluster.server.clock, matches: () => true };
      return withFaults(next, plan).handler(request);
    });
    for (let step = 0; step < stepsPerRound; step++) {
      await world.act();
      await cluster.settle(random.fraction() * 3_000);
      await checkAlways(cluster, bound);
    }
    cluster.intercept(undefined);
    await calmDown(world, cluster, bound);
  }
}

/** What users, nodes and the network do by chance. */
class World {
  readonly #cluster: RunningScheduler;
  readonly #random: Random;
  #made = 0;

  constructor(cluster: RunningScheduler, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
  }

  async act(): Promise<void> {
    const acts = [
      () => this.#addNode(),
      () => this.#addNode(),
      () => this.#addPods(),
      () => this.#addPods(),
      () => this.#addPods(),
      () => this.#change(Pod, (name) => this.#remove(Pod, name)),
      () => this.#change(Pod, (name) => this.#remove(Pod, name)),
      () => this.#change(Node, (name) => this.#remove(Node, name)),
      () => this.#change(Node, (name) => this.#cordon(name)),
      () => this.endPods(),
      () => this.#cluster.restart(),
    ];
    await acts[this.#below(acts.length)]?.();
  }

  /** As kubelets do with pods that have been told to leave. */
  async endPods(): Promise<void> {
    const { items } = await this.#cluster.client.list(Pod).all();
    for (const { metadata } of items) {
      if (metadata?.deletionTimestamp !== undefined) await this.#remove(Pod, metadata.name ?? '');
    }
  }

  /** Fifteen of a hundred writes go wrong, and as many watches end. */
  faultFor({ method, query }: HttpRequest): Fault | undefined {
    if (this.#below(100) >= 15) return undefined;
    if (method === 'GET') {
      if (!query.includes('watch=')) return undefined;
      return { kind: 'cut', afterEvents: this.#below(20), how: 'end' };
    }
    const faults: readonly Fault[] = [
      { kind: 'refuse', code: 500 },
      { kind: 'refuse', code: 403 },
      { kind: 'unreachable' },
      { kind: 'lose-answer' },
    ];
    return faults[this.#below(faults.length)];
  }

  async #addNode(): Promise<void> {
    await this.#cluster.create(
      node(this.#name('n'), { cpu: String(coresOfNode), memory: '64Gi', pods: '6' }),
    );
  }

  async #addPods(): Promise<void> {
    for (let count = this.#below(4); count >= 0; count--) {
      const kind = this.#below(5);
      const name = this.#name('p');
      await this.#cluster.create(
        pod(name, {
          requests: { cpu: `${250 * (1 + this.#below(8))}m` },
          priority: priorities[this.#below(priorities.length)] ?? 0,
          ...(kind === 0 ? alone : {}),
          ...(kind === 1 ? withPort : {}),
        }),
      );
    }
  }

  async #change(
    kind: typeof Pod | typeof Node,
    act: (name: string) => Promise<void>,
  ): Promise<void> {
    const { items } = await this.#cluster.client.list<Pod | Node>(kind as typeof Node).all();
    const chosen = items[this.#below(items.length)]?.metadata?.name;
    if (chosen !== undefined) await act(chosen);
  }

  async #remove(kind: typeof Pod | typeof Node, name: string): Promise<void> {
    const { client } = this.#cluster;
    await unlessGone(
      client.delete<Pod | Node>(kind as typeof Node, name, { gracePeriodSeconds: 0 }),
    );
  }

  async #cordon(name: string): Promise<void> {
    const unschedulable = this.#below(2) === 0;
    await unlessGone(
      this.#cluster.client.patch(Node, name, { merge: { spec: { unschedulable } } }),
    );
  }

  #name(kind: string): string {
    return `${kind}${this.#made++}`;
  }

  #below(count: number): number {
    return Math.floor(this.#random.fraction() * count);
  }
}

const labels = { app: 'alone' };

/** One of these a node. */
const alone = {
  labels,
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
      ],
    },
  },
};

const withPort = {
  containers: [
    {
      name: 'main',
      image: 'app:1',
      ports: [{ containerPort: 80, hostPort: 80 }],
      resources: { requests: { cpu: '500m' } },
    },
  ],
};

/** What must hold at any moment. */
async function checkAlways({ client }: RunningScheduler, bound: Bound): Promise<void> {
  const pods = (await client.list(Pod).all()).items;
  for (const { metadata, spec } of pods) {
    const uid = metadata?.uid ?? '';
    const nodeName = spec?.nodeName ?? '';
    const before = bound.get(uid) ?? nodeName;
    assert.equal(nodeName, before, `${metadata?.name} has moved from ${before} to ${nodeName}`);
    if (nodeName !== '') bound.set(uid, nodeName);
  }
  for (const { metadata } of (await client.list(Node).all()).items) {
    const name = metadata?.name ?? '';
    const there = pods.filter(({ spec }) => spec?.nodeName === name);
    const cores = there.reduce((sum, each) => sum + coresOf(each), 0);
    assert.ok(cores <= coresOfNode, `${name} has ${coresOfNode} cores, and ${cores} are requested`);
    assert.ok(there.length <= 6, `${name} has room for 6 pods, and has ${there.length}`);
    assert.ok(there.filter(isAlone).length <= 1, `${name} has two pods that avoid each other`);
    assert.ok(there.filter(hasPort).length <= 1, `${name} has two pods with one port`);
  }
}

/** Lets time pass until every pod has a node that any node has room for. */
async function calmDown(world: World, cluster: RunningScheduler, bound: Bound): Promise<void> {
  let waiting: readonly string[] = [];
  for (let step = 0; step < 60; step++) {
    await world.endPods();
    await cluster.settle(10_000);
    await checkAlways(cluster, bound);
    waiting = await schedulable(cluster);
    if (waiting.length === 0) return;
  }
  assert.fail(`these pods have no node, and there is room for them: ${waiting.join()}`);
}

async function schedulable({ client }: RunningScheduler): Promise<readonly string[]> {
  const pods = (await client.list(Pod).all()).items;
  const nodes = (await client.list(Node).all()).items;
  return pods.flatMap((each) => {
    if (each.spec?.nodeName !== undefined) return [];
    const hasNode = nodes.some(({ metadata, spec }) => {
      if (spec?.unschedulable === true) return false;
      const there = pods.filter((other) => other.spec?.nodeName === metadata?.name);
      const cores = there.reduce((sum, other) => sum + coresOf(other), coresOf(each));
      const clashes =
        (isAlone(each) && there.some(isAlone)) || (hasPort(each) && there.some(hasPort));
      return cores <= coresOfNode && there.length < 6 && !clashes;
    });
    // One that was to make way while it was on its way to a node is told that too.
    const { status, reason } = podCondition(each, 'PodScheduled') ?? {};
    const isTold = status === 'False' && reason !== undefined;
    return hasNode || !isTold ? [each.metadata?.name ?? ''] : [];
  });
}

function coresOf({ spec }: Pod): number {
  const text = spec?.containers[0]?.resources?.requests?.['cpu'] ?? '0';
  return text.endsWith('m') ? Number(text.slice(0, -1)) / 1_000 : Number(text);
}

function isAlone({ metadata }: Pod): boolean {
  return metadata?.labels?.['app'] === 'alone';
}

function hasPort({ spec }: Pod): boolean {
  return spec?.containers[0]?.ports !== undefined;
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
