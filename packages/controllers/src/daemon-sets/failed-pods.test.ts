import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { FailedPods } from './failed-pods.ts';

test('a failed pod stays twice as long each time, up to a quarter of an hour', async () => {
  const clock = new ManualClock();
  const failed = new FailedPods(clock);
  equal(failed.waitMs('a'), 0);
  failed.count('a');
  equal(failed.waitMs('a'), 1_000);
  equal(failed.waitMs('b'), 0);
  await clock.advance(600);
  equal(failed.waitMs('a'), 400);
  for (let times = 0; times < 20; times++) failed.count('a');
  equal(failed.waitMs('a'), 900_000);
});

test('what has not failed for half an hour begins anew', async () => {
  const clock = new ManualClock();
  const failed = new FailedPods(clock);
  failed.count('a');
  failed.count('a');
  equal(failed.waitMs('a'), 2_000);
  await clock.advance(1_800_001);
  failed.count('b');
  failed.count('a');
  equal(failed.waitMs('a'), 1_000);
});
