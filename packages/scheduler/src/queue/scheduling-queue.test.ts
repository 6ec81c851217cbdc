import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { type PodFacts, podFacts } from '../snapshot/pod-facts.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

function pod(
  name: string,
  { priority = 0, isGated = false }: { priority?: number; isGated?: boolean } = {},
): PodFacts {
  return podFacts({
    metadata: { namespace: 'a', name, uid: name },
    spec: { containers: [], priority, schedulingGates: isGated ? [{ name: 'g' }] : [] },
  });
}

function takeAll(queue: SchedulingQueue): string[] {
  const names: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) names.push(next.name);
  return names;
}

test('the most important pod comes first, then the one that came first', () => {
  const queue = new SchedulingQueue(new ManualClock());
  for (const each of [pod('a'), pod('b', { priority: 10 }), pod('c'), pod('d', { priority: 10 })]) {
    queue.set(each);
  }
  equal(queue.nextDueMs, 0);
  deepEqual(takeAll(queue), ['b', 'd', 'a', 'c']);
  equal(queue.nextDueMs, undefined);
});

test('a pod that was refused waits for what its refuser waits for', async () => {
  const clock = new ManualClock();
  const queue = new SchedulingQueue(clock);
  queue.set(pod('a'));
  queue.take();
  queue.wait('a/a', ['NodePorts', 'NodeAffinity']);
  queue.release((refuser) => refuser === 'NodeName');
  equal(queue.take(), undefined);
  queue.release((refuser) => refuser === 'NodeAffinity');
  deepEqual(takeAll(queue), ['a']);
});

test('a pod that nothing has refused is released by anything', () => {
  const queue = new SchedulingQueue(new ManualClock());
  queue.set(pod('a'));
  queue.take();
  queue.wait('a/a', []);
  queue.release(() => false);
  deepEqual(takeAll(queue), ['a']);
});

test('a pod in the backoff lets others go first, and nobody wait for it', async () => {
  const clock = new ManualClock();
  const queue = new SchedulingQueue(clock);
  queue.set(pod('again', { priority: 10 }));
  queue.take();
  queue.wait('a/again', ['NodePorts']);
  queue.release(() => true);
  queue.set(pod('new'));
  deepEqual(takeAll(queue), ['new', 'again']);
  queue.wait('a/again', ['NodePorts']);
  queue.release(() => true);
  await clock.advance(2_000);
  queue.set(pod('newer'));
  deepEqual(takeAll(queue), ['again', 'newer']);
});

test('what has failed is tried again later and later, and not before', async () => {
  const clock = new ManualClock();
  const queue = new SchedulingQueue(clock);
  queue.set(pod('a'));
  for (const delayMs of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    equal(queue.take()?.name, 'a');
    queue.retry('a/a');
    equal(queue.nextDueMs, clock.elapsed() + delayMs);
    await clock.advance(delayMs - 1);
    equal(queue.take(), undefined);
    await clock.advance(1);
  }
});

test('a pod that waits is tried again after five minutes', async () => {
  const clock = new ManualClock();
  const queue = new SchedulingQueue(clock);
  queue.set(pod('a'));
  queue.take();
  queue.wait('a/a', ['NodePorts']);
  equal(queue.nextDueMs, 300_000);
  await clock.advance(299_999);
  equal(queue.take(), undefined);
  await clock.advance(1);
  deepEqual(takeAll(queue), ['a']);
});

test('a pod with gates waits until it has none', async () => {
  const clock = new ManualClock();
  const queue = new SchedulingQueue(clock);
  queue.set(pod('a', { isGated: true }));
  queue.release(() => true);
  await clock.advance(600_000);
  equal(queue.take(), undefined);
  equal(queue.nextDueMs, undefined);
  queue.set(pod('a'));
  deepEqual(takeAll(queue), ['a']);
});

test('a pod that has changed is tried again, one that is only told of is not', async () => {
  const clock = new ManualClock();
  const queue = new SchedulingQueue(clock);
  queue.set(pod('a'));
  queue.take();
  queue.wait('a/a', ['NodePorts']);
  queue.set(pod('a'), { isDifferent: false });
  equal(queue.take(), undefined);
  queue.set(pod('a'));
  deepEqual(takeAll(queue), ['a']);
});

test('another pod of the same name is another pod; one that is gone is not taken', () => {
  const queue = new SchedulingQueue(new ManualClock());
  queue.set(pod('a'));
  queue.take();
  const next = { ...pod('a'), uid: 'other' };
  queue.set(next);
  equal(queue.take(), next);
  queue.set(pod('b'));
  queue.delete('a/b');
  deepEqual(takeAll(queue), []);
  equal(queue.get('a/b'), undefined);
});
