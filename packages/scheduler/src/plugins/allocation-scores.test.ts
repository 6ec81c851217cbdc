import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { leastAllocated, mostAllocated, requestedToCapacity } from './allocation-scores.ts';

test('the less is taken, the better; or the more', () => {
  deepEqual(
    [0, 1, 500, 999, 1_000, 1_001].map((taken) => [
      leastAllocated(taken, 1_000),
      mostAllocated(taken, 1_000),
    ]),
    [
      [100, 0],
      [99, 0],
      [50, 50],
      [0, 99],
      [0, 100],
      [0, 100],
    ],
  );
});

test('a curve says how good a use is', () => {
  const score = requestedToCapacity([
    { utilization: 20, score: 100 },
    { utilization: 60, score: 50 },
    { utilization: 100, score: 0 },
  ]);
  deepEqual(
    [0, 20, 40, 60, 80, 100, 120].map((taken) => score(taken, 100)),
    [100, 100, 75, 50, 25, 0, 0],
  );
  equal(requestedToCapacity([{ utilization: 0, score: 30 }])(50, 100), 30);
});
