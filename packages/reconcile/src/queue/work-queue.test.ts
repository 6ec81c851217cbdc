import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import fc from 'fast-check';
import { DelayHeap } from './delay-heap.ts';
import {
  exponentialLimiter,
  fastSlowLimiter,
  strictestLimiter,
  tokenBucketLimiter,
} from './rate-limiter.ts';
import { WorkQueue } from './work-queue.ts';

test('WorkQueue gives out a key once, however often it is added', async () => {
  const queue = new WorkQueue({ clock: new ManualClock() });
  queue.add('a');
  queue.add('b');
  queue.add('a');
  assert.equal(queue.size, 2);
  assert.equal(await queue.take(), 'a');
  assert.equal(await queue.take(), 'b');
  assert.equal(queue.size, 0);
});

test('WorkQueue gives out a key again after it is done, when it was added meanwhile', async () => {
  const queue = new WorkQueue({ clock: new ManualClock() });
  queue.add('a');
  await queue.take();
  queue.add('a');
  queue.add('a');
  assert.equal(queue.size, 0, 'nobody may work on it twice at once');
  queue.done('a');
  assert.equal(queue.size, 1);
  assert.equal(await queue.take(), 'a');
  queue.done('a');
  assert.equal(queue.size, 0);
});

test('WorkQueue hands keys to those who wait, and undefined when it is closed', async () => {
  const queue = new WorkQueue({ clock: new ManualClock() });
  const [first, second] = [queue.take(), queue.take()];
  queue.add('a');
  assert.equal(await first, 'a');
  queue.close();
  assert.equal(await second, undefined);
  queue.add('b');
  assert.equal(await queue.take(), undefined);
});

test('WorkQueue moves a delayed key forward only', async () => {
  const clock = new ManualClock();
  const queue = new WorkQueue({ clock });
  queue.addAfter('a', 1_000);
  queue.addAfter('a', 5_000);
  queue.addAfter('b', 3_000);
  queue.addAfter('b', 500);
  await clock.advance(600);
  assert.equal(queue.size, 1);
  await clock.advance(500);
  assert.equal(queue.size, 2);
  await clock.advance(10_000);
  assert.equal(queue.size, 2);
  assert.equal(clock.pending, 0);
});

test('WorkQueue delays failures of a key by 5 ms, doubled each time, until it is forgotten', async () => {
  const clock = new ManualClock();
  const queue = new WorkQueue({ clock });
  const delays: number[] = [];
  for (let failure = 0; failure < 5; failure++) {
    queue.addRateLimited('a');
    const startMs = clock.elapsed();
    while (queue.size === 0) await clock.advance(1);
    delays.push(clock.elapsed() - startMs);
    await queue.take();
    queue.done('a');
  }
  // The queue takes a timer that comes up to a millisecond early.
  delays.forEach((delay, at) => assert.ok(Math.abs(delay - 5 * 2 ** at) <= 1, delays.join()));
  queue.forget('a');
  assert.equal(queue.failures('a'), 0);
});

test('limiters ask for what they are made of', () => {
  const clock = new ManualClock();
  const exponential = exponentialLimiter();
  for (let failure = 0; failure < 40; failure++) exponential.delayMs('a');
  assert.equal(exponential.delayMs('a'), 1_000_000);
  assert.equal(exponential.delayMs('b'), 5);
  const fastSlow = fastSlowLimiter({ fastMs: 1, slowMs: 100, fastCount: 2 });
  assert.deepEqual(
    [1, 2, 3].map(() => fastSlow.delayMs('a')),
    [1, 1, 100],
  );
  const bucket = tokenBucketLimiter(clock, { perSecond: 10, burst: 2 });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => bucket.delayMs('a')),
    [0, 0, 100, 200],
  );
  const both = strictestLimiter([
    exponentialLimiter(),
    fastSlowLimiter({ fastMs: 7, slowMs: 7, fastCount: 0 }),
  ]);
  assert.deepEqual(
    [1, 2].map(() => both.delayMs('a')),
    [7, 10],
  );
  both.forget('a');
  assert.equal(both.failures('a'), 0);
});

test('DelayHeap gives out what a sorted list would', () => {
  const operation = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 50 }));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const heap = new DelayHeap();
      const model = new Map<string, number>();
      for (const [each, dueMs] of operations) {
        const key = String(each);
        heap.add(key, dueMs);
        model.set(key, Math.min(dueMs, model.get(key) ?? Infinity));
      }
      for (const dueMs of [...model.values()].sort((a, b) => a - b)) {
        assert.equal(heap.nextDueMs, dueMs);
        const key = heap.takeDue(50) ?? '';
        assert.equal(model.get(key), dueMs);
        model.delete(key);
      }
      assert.equal(heap.size, 0);
    }),
  );
});
