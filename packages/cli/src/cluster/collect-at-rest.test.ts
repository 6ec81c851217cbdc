import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { collectAtRest } from './collect-at-rest.ts';

const megabyte = 1_024 * 1_024;

test('collectAtRest() collects once, after the first five seconds with hardly any work', async () => {
  const { clock, memory, signal } = scene(60 * megabyte);
  const running = collectAtRest(memory, { clock, signal });
  memory.busyMs += 1_000;
  await clock.advance(5_000);
  memory.busyMs += 260;
  await clock.advance(5_000);
  assert.equal(memory.collections, 0);
  memory.busyMs += 240;
  await clock.advance(4_999);
  assert.equal(memory.collections, 0);
  await clock.advance(1);
  await running;
  assert.equal(memory.collections, 1);
  assert.equal(clock.pending, 0);
});

test('collectAtRest() leaves alone what would take long, and ends with its signal', async () => {
  const { clock, memory, signal } = scene(129 * megabyte);
  const large = collectAtRest(memory, { clock, signal });
  await clock.advance(5_000);
  await large;
  const stopping = new AbortController();
  const stopped = collectAtRest(memory, { clock, signal: stopping.signal });
  stopping.abort();
  await stopped;
  assert.equal(memory.collections, 0);
  assert.equal(clock.pending, 0);
});

function scene(heapBytes: number) {
  const memory = {
    heapBytes,
    busyMs: 0,
    collections: 0,
    collect: () => void memory.collections++,
  };
  return { clock: new ManualClock(), memory, signal: new AbortController().signal };
}
