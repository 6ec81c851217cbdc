import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeLimit } from './clock.ts';
import { ManualClock } from './testing.ts';

test('timeLimit() aborts once the time is over, as the signal does before, and not after its end', async () => {
  const clock = new ManualClock();
  const late = (): Error => new Error('late');
  using lasting = timeLimit(clock, 1_000, { late });
  const stopping = new AbortController();
  using stopped = timeLimit(clock, 1_000, { late, signal: stopping.signal });
  const over = timeLimit(clock, 1_000, { late });
  stopping.abort('stopped');
  over[Symbol.dispose]();
  await clock.advance(999);
  assert.equal(lasting.signal.aborted, false);
  await clock.advance(1);
  assert.match(String(lasting.signal.reason), /late/);
  assert.equal(stopped.signal.reason, 'stopped');
  assert.equal(over.signal.aborted, false);
});
