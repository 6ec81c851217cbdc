import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { RetryPace } from './retry-pace.ts';

test('RetryPace doubles from 0.8 s to 30 s, each stretched up to double', async () => {
  const clock = new ManualClock();
  const pace = new RetryPace({ clock, random: seededRandom(3) });
  for (const leastMs of [800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]) {
    const delayMs = pace.nextDelayMs();
    assert.ok(delayMs >= leastMs && delayMs < leastMs * 2, `${delayMs} after ${leastMs}`);
    await clock.advance(delayMs);
  }
});

test('RetryPace begins anew after two minutes in which nothing failed', async () => {
  const clock = new ManualClock();
  const pace = new RetryPace({ clock, random: { ...seededRandom(3), fraction: () => 0 } });
  for (let failure = 0; failure < 10; failure++) await clock.advance(pace.nextDelayMs());
  await clock.advance(119_000);
  assert.equal(pace.nextDelayMs(), 30_000);
  await clock.advance(30_000 + 120_000);
  assert.equal(pace.nextDelayMs(), 800);
});
