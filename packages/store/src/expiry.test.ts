import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { Expiry } from './expiry.ts';
import type { StoreEntry } from './store.ts';

function expiryOver(clock: ManualClock, fails: () => boolean = () => false) {
  const removed: string[] = [];
  const expiry: Expiry = new Expiry({
    clock,
    remove: async (entry) => {
      if (fails()) throw new Error('the disk is full');
      removed.push(entry.key);
      expiry.forget(entry);
    },
  });
  const add = (key: string, inMs: number): StoreEntry => {
    const expiresAt = expiry.timeFor({ timeToLiveMs: inMs }) ?? 0;
    const entry = { key, value: new Uint8Array(), revision: 1, createRevision: 1, expiresAt };
    expiry.add(entry);
    return entry;
  };
  return { expiry, removed, add };
}

test('Expiry removes in the order of time, a thousand at once, and no sooner than each is due', async () => {
  const clock = new ManualClock();
  const { removed, add } = expiryOver(clock);
  for (let index = 0; index < 2_500; index++) add(`/${index}`, 10_000);
  add('/sooner', 5_000);
  await clock.advance(4_999);
  assert.deepEqual(removed, []);
  await clock.advance(1);
  assert.deepEqual(removed, ['/sooner']);
  await clock.advance(5_000);
  assert.equal(removed.length, 1 + 1_000);
  await clock.advance(999);
  assert.equal(removed.length, 1 + 1_000);
  await clock.advance(1_001);
  assert.equal(removed.length, 1 + 2_500);
  assert.equal(clock.pending, 0);
});

test('Expiry removes nothing sooner by a clock that shows parts of milliseconds', async () => {
  const clock = new ManualClock();
  const { removed, add } = expiryOver(clock);
  await clock.advance(0.5);
  add('/a', 90_000);
  await clock.advance(60_000);
  assert.deepEqual(removed, []);
  await clock.advance(31_000);
  assert.deepEqual(removed, ['/a']);
});

test('Expiry tries again what could not be removed, and forgets what has changed', async () => {
  const clock = new ManualClock();
  let isFull = true;
  const { expiry, removed, add } = expiryOver(clock, () => isFull);
  add('/a', 2_000);
  const changed = add('/b', 2_000);
  expiry.forget(changed);
  await clock.advance(2_000);
  isFull = false;
  assert.deepEqual(removed, []);
  await clock.advance(1_000);
  assert.deepEqual(removed, ['/a']);
});

test('Expiry notices within a minute that the wall clock has jumped', async () => {
  const clock = new ManualClock();
  const { removed, add } = expiryOver(clock);
  add('/a', 3_600_000);
  clock.jump(3_600_000);
  await clock.advance(60_000);
  assert.deepEqual(removed, ['/a']);
});

test('Expiry knows no time without a clock', () => {
  const timeless = new Expiry({ clock: undefined, remove: async () => undefined });
  assert.equal(timeless.timeFor({}), undefined);
  assert.throws(() => timeless.timeFor({ timeToLiveMs: 1 }), TypeError);
});
