import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { KeptBytes } from './kept-bytes.ts';

function start() {
  const clock = new ManualClock();
  const dropped: string[] = [];
  const kept = new KeptBytes<string>({
    clock,
    bytesMax: 100,
    idleMs: 60_000,
    onDrop: (item) => dropped.push(item),
  });
  return { clock, dropped, kept };
}

test('KeptBytes lets go of the least recently used beyond its bytes', () => {
  const { dropped, kept } = start();
  for (const item of ['a', 'b', 'c']) kept.add(item, 30);
  kept.touch('a');
  kept.add('d', 30);
  assert.deepEqual(dropped, ['b']);
  kept.add('c', 20);
  assert.deepEqual(dropped, ['b', 'c']);
  assert.equal(kept.bytes, 60);
});

test('KeptBytes keeps nothing that is larger than all it may keep', () => {
  const { dropped, kept } = start();
  kept.add('a', 101);
  assert.deepEqual(dropped, ['a']);
  assert.equal(kept.bytes, 0);
});

test('KeptBytes lets go of what nobody uses, also when nothing new comes', async () => {
  const { clock, dropped, kept } = start();
  kept.add('a', 10);
  kept.add('b', 10);
  await clock.advance(40_000);
  kept.touch('a');
  await clock.advance(40_000);
  assert.deepEqual(dropped, ['b']);
  await clock.advance(40_000);
  assert.deepEqual(dropped, ['b', 'a']);
  assert.equal(kept.bytes, 0);
  assert.equal(clock.pending, 0);
});

test('KeptBytes counts nothing any more that was taken out', () => {
  const { kept } = start();
  kept.add('a', 90);
  kept.drop('a');
  kept.drop('a');
  assert.equal(kept.bytes, 0);
});
