import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type ReconcileSource, runReconcileLoop } from './reconcile-loop.ts';

test('runReconcileLoop() begins with keys that no source has', async () => {
  const stopping = new AbortController();
  const calls: string[] = [];
  const reconcile = async (key: string): Promise<void> => void calls.push(key);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const silent: ReconcileSource = {
    name: 'nothing',
    synced: Promise.resolve(),
    ended,
    start: () => end,
  };
  const clock = new ManualClock();
  const work = { sources: [silent], firstKeys: ['a', 'b'], reconcile };
  const options = { name: 'test', clock, random: seededRandom(1), ...work };
  const running = runReconcileLoop(options, stopping.signal);
  await clock.advance(0);
  assert.deepEqual(calls, ['a', 'b']);
  stopping.abort();
  await running;
});

test('runReconcileLoop() makes one call of what a source says within the delay of a key', async () => {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let enqueue: Parameters<ReconcileSource['start']>[0] = () => {};
  const source: ReconcileSource = {
    name: 'changes',
    synced: Promise.resolve(),
    ended,
    start(add) {
      enqueue = add;
      return end;
    },
  };
  const calls: string[] = [];
  const reconcile = async (key: string): Promise<void> => void calls.push(key);
  const options = { name: 'test', clock, random: seededRandom(1), sources: [source], reconcile };
  const running = runReconcileLoop(options, stopping.signal);
  await clock.advance(0);
  for (const key of ['a', 'a', 'b']) enqueue(key, 100);
  await clock.advance(60);
  enqueue('a', 100);
  assert.deepEqual(calls, []);
  await clock.advance(41);
  assert.deepEqual(calls, ['a', 'b']);
  enqueue('b');
  await clock.advance(1_000);
  assert.deepEqual(calls, ['a', 'b', 'b']);
  stopping.abort();
  await running;
});
