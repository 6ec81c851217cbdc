import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnedTimers } from './owned-timers.ts';
import { ManualClock } from './testing.ts';

test('OwnedTimers runs timers until it is disposed of, and leaves none', async () => {
  const clock = new ManualClock();
  const owned = new OwnedTimers(clock);
  const ran: string[] = [];
  owned.schedule(10, () => ran.push('due'));
  owned.schedule(20, () => ran.push('late'));
  owned.schedule(5, () => ran.push('cancelled')).cancel();
  await clock.advance(10);
  assert.deepEqual([ran, clock.pending], [['due'], 1]);
  assert.deepEqual([owned.now(), owned.elapsed()], [clock.now(), clock.elapsed()]);
  owned[Symbol.dispose]();
  owned.schedule(1, () => ran.push('after the end'));
  assert.equal(clock.pending, 0);
  await clock.advance(100);
  assert.deepEqual(ran, ['due']);
});
