import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { Evicting } from './evict-pods.ts';
import { NodePressure, pressureRefusal } from './node-pressure.ts';
import type { PodUse } from './pod-use.ts';
import { SpareRoom } from './spare-room.ts';
import { type Observations, hardThresholds } from './thresholds.ts';

const mebibyte = 1024 * 1024;

/** A node of which a test says what is left, and which takes away what it evicts. */
class EvictionStory {
  readonly clock = new ManualClock();
  readonly pressure = new NodePressure();
  readonly files = new MemoryFiles();
  readonly said: string[] = [];
  readonly uses: PodUse[] = [];
  memoryLeft = 1_000 * mebibyte;
  diskLeft = 500;
  diskSize = 1_000;
  /** How long it takes to measure pods, how often that was done, and what it took in all. */
  measureMs = 0;
  measures = 0;
  elapsedMs = 0;
  /** What taking images away gives back. */
  reclaimable = 0;
  readonly evicting: Evicting;

  constructor() {
    this.evicting = new Evicting({
      thresholds: hardThresholds,
      pressure: this.pressure,
      pods: () => this.uses.map(({ pod }) => pod),
      observe: async (): Promise<Observations> => ({
        'memory.available': { available: this.memoryLeft, capacity: 4_000 * mebibyte },
        'nodefs.available': { available: this.diskLeft, capacity: this.diskSize },
      }),
      measure: async (pods) => {
        this.measures += 1;
        this.elapsedMs += this.measureMs;
        return this.uses.filter(({ pod }) => pods.includes(pod));
      },
      reclaimDisk: async () => {
        this.said.push('reclaim');
        this.diskLeft += this.reclaimable;
      },
      spareRoom: new SpareRoom(this.files, '/node'),
      record: ({ reason, message }) => this.said.push(`${reason}: ${message}`),
      clock: {
        now: () => this.clock.now(),
        elapsed: () => this.clock.elapsed() + this.elapsedMs,
        schedule: (ms, run) => this.clock.schedule(ms, run),
      },
      logger: silentLogger,
    });
    this.pressure.onEviction((uid) => this.said.push(`evict ${uid}`));
  }

  /** A pod with one container. */
  run(name: string, use: { memory?: number; disk?: number }, more: PodChanges = {}): void {
    const { priority, request = {}, limit = {}, annotations = {} } = more;
    const pod: AnyPod = {
      metadata: { name, namespace: 'default', uid: name, annotations },
      spec: {
        ...(priority === undefined ? {} : { priority }),
        containers: [{ name: 'app', resources: { requests: request, limits: limit } }],
      },
      status: { phase: 'Running', startTime: '2026-01-01T00:00:00Z' },
    };
    const { memory = 0, disk = 0 } = use;
    const app = { name: 'app', memoryBytes: memory * mebibyte, writtenBytes: disk };
    this.uses.push({ pod, containers: [{ ...app, logBytes: 0, logInodes: 0 }], volumes: [] });
  }

  /** Looks, and answers what was said and done. */
  async look(afterMs = 0): Promise<readonly string[]> {
    await this.clock.advance(afterMs);
    await this.evicting.look();
    return this.said.splice(0);
  }

  end(name: string): void {
    const at = this.uses.findIndex(({ pod }) => pod.metadata?.name === name);
    this.uses.splice(at, 1);
  }
}

interface PodChanges {
  readonly priority?: number;
  readonly request?: Readonly<Record<string, string>>;
  readonly limit?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

test('who takes most beyond what it asked for leaves first, one after the other, and says why', async () => {
  const story = new EvictionStory();
  story.run('modest', { memory: 900 }, { request: { memory: '1000Mi' } });
  story.run('greedy', { memory: 300 });
  story.run('greedier', { memory: 1_000 }, { request: { memory: '500Mi' } });
  story.run('important', { memory: 2_000 }, { priority: 10 });
  assert.deepEqual(await story.look(), []);
  story.memoryLeft = 94 * mebibyte;
  const attempt = 'EvictionThresholdMet: Attempting to reclaim memory';
  assert.deepEqual(await story.look(), [attempt, 'evict greedier']);
  const eviction = story.pressure.evictionOf('greedier');
  const message =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 94Mi. ' +
    'Container app was using 1000Mi, request is 500Mi, has larger consumption of memory. ';
  assert.equal(eviction?.message, message);
  assert.deepEqual(eviction?.condition, {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'TerminationByKubelet',
    message,
  });
  // Its room is not there yet.
  assert.deepEqual(await story.look(10_000), []);
  story.end('greedier');
  assert.deepEqual(await story.look(10_000), [attempt, 'evict greedy']);
  // One that does not go is not waited for longer than half a minute.
  assert.deepEqual(await story.look(20_000), []);
  assert.deepEqual(await story.look(10_000), [attempt, 'evict important']);
});

test('pods that the node cannot do without stay, whatever they take', async () => {
  const story = new EvictionStory();
  story.memoryLeft = 0;
  story.run('system', { memory: 900 }, { priority: 2_000_000_000 });
  const annotations = { 'kubernetes.io/config.source': 'file' };
  story.run(
    'static',
    { memory: 900, disk: 2_000 },
    { annotations, limit: { 'ephemeral-storage': '1k' } },
  );
  assert.deepEqual(await story.look(), ['EvictionThresholdMet: Attempting to reclaim memory']);
  for (const { pod } of story.uses) {
    assert.equal(pressureRefusal(pod, story.pressure.conditions), undefined);
  }
});

test('of a disk images are taken first, and pods when that is not enough', async () => {
  const story = new EvictionStory();
  story.run('writer', { disk: 600 });
  story.run('asking', { disk: 700 }, { request: { 'ephemeral-storage': '800' } });
  story.diskLeft = 99;
  story.reclaimable = 1;
  const attempt = 'EvictionThresholdMet: Attempting to reclaim ephemeral-storage';
  assert.deepEqual(await story.look(), [attempt, 'reclaim']);
  story.diskLeft = 90;
  assert.deepEqual(await story.look(10_000), [attempt, 'reclaim', 'evict writer']);
  assert.match(
    story.pressure.evictionOf('writer')?.message ?? '',
    /^The node was low on resource: ephemeral-storage\. Threshold quantity: 100, available: 91\. Container app was using 600, request is 0, /,
  );
});

test('a disk that is full to the last byte gets some room back, once who filled it has ended', async () => {
  const story = new EvictionStory();
  const isTaken = (): boolean => story.files.text('/node/spare-room') !== undefined;
  story.diskSize = 100 * mebibyte;
  story.diskLeft = 39 * mebibyte;
  await story.look();
  assert.ok(!isTaken(), 'it would be a large part of what there is');
  story.diskLeft = 50 * mebibyte;
  await story.look();
  assert.ok(isTaken());
  story.run('writer', { disk: 600 });
  story.diskLeft = 0;
  await story.look();
  assert.ok(isTaken(), 'the pod would fill it, too');
  story.diskLeft = 4 * mebibyte;
  await story.look(10_000);
  assert.ok(isTaken(), 'there is room beside it');
  story.diskLeft = 0;
  await story.look(10_000);
  assert.ok(!isTaken());
});

test('a node is under pressure until five minutes after it was last short', async () => {
  const story = new EvictionStory();
  story.memoryLeft = 0;
  story.diskLeft = 0;
  await story.look();
  assert.deepEqual(story.pressure.conditions, ['MemoryPressure', 'DiskPressure']);
  story.diskLeft = 500;
  await story.look(10_000);
  story.memoryLeft = 1_000 * mebibyte;
  await story.look(289_999);
  assert.deepEqual(story.pressure.conditions, ['MemoryPressure', 'DiskPressure']);
  await story.look(1);
  assert.deepEqual(story.pressure.conditions, ['MemoryPressure']);
  await story.look(10_000);
  assert.deepEqual(story.pressure.conditions, []);
});

test('who has outgrown a limit of its own leaves, also while the node has room', async () => {
  const story = new EvictionStory();
  story.run('within', { disk: 1_000 }, { limit: { 'ephemeral-storage': '1k' } });
  story.run('beyond', { disk: 1_001 }, { limit: { 'ephemeral-storage': '1k' } });
  assert.deepEqual(await story.look(), ['evict beyond']);
  assert.deepEqual(story.pressure.evictionOf('beyond'), {
    message: 'Pod ephemeral local storage usage exceeds the total limit of containers 1k. ',
  });
  assert.deepEqual(await story.look(), []);
});

test('folders that take long to count are counted less often', async () => {
  const story = new EvictionStory();
  story.run('limited', { disk: 1 }, { limit: { 'ephemeral-storage': '1k' } });
  story.measureMs = 2_000;
  for (let look = 0; look < 8; look++) await story.look(10_000);
  // Once in forty seconds.
  assert.equal(story.measures, 2);
});

test('of two containers each has a limit of its own', async () => {
  const story = new EvictionStory();
  story.run('two', {});
  const [use] = story.uses;
  const limits = { 'ephemeral-storage': '1k' };
  const container = { memoryBytes: 0, logBytes: 600, logInodes: 0 };
  const pod: AnyPod = {
    ...use?.pod,
    spec: { containers: ['a', 'b'].map((name) => ({ name, resources: { limits } })) },
  };
  const containers = [
    { ...container, name: 'a', writtenBytes: 0 },
    { ...container, name: 'b', writtenBytes: 500 },
  ];
  story.uses.splice(0, 1, { pod, containers, volumes: [] });
  await story.look();
  const message = 'Container b exceeded its local ephemeral storage limit "1k". ';
  assert.equal(story.pressure.evictionOf('two')?.message, message);
});
