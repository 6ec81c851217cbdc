import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { backoffAfter, noBackoff, remainingBackoffMs } from './failure-backoff.ts';

const endedAt = (seconds: number): Pod => ({
  metadata: { name: 'p', creationTimestamp: formatTime(seconds * 1_000) },
});

test('pods wait 10 s after a failure, twice as long after each, 10 minutes at most, and not after a success', () => {
  let backoff = noBackoff;
  const waits: number[] = [];
  for (let second = 1; second <= 8; second++) {
    backoff = backoffAfter(backoff, { succeeded: [], failed: [endedAt(second)] });
    waits.push(remainingBackoffMs(backoff, second * 1_000) / 1_000);
  }
  assert.deepEqual(waits, [10, 20, 40, 80, 160, 320, 600, 600]);
  assert.equal(remainingBackoffMs(backoff, 708_000), 0);
  assert.deepEqual(backoffAfter(backoff, { succeeded: [], failed: [] }), backoff);
  const after = backoffAfter(backoff, {
    succeeded: [endedAt(10)],
    failed: [endedAt(9), endedAt(10), endedAt(11)],
  });
  assert.deepEqual(after, { failures: 1, lastFailureMs: 11_000 });
  assert.equal(
    remainingBackoffMs(backoffAfter(after, { succeeded: [endedAt(12)], failed: [] }), 12_000),
    0,
  );
});
