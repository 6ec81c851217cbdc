import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Random } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type Failure, RetryPace } from './retry-pace.ts';

const paces: Readonly<Record<Failure, readonly number[]>> = {
  away: [800, 1_600, 3_000, 3_000, 3_000],
  refused: [800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000],
};

for (const [failure, leasts] of Object.entries(paces) as [Failure, readonly number[]][]) {
  test(`RetryPace after ${failure} doubles up to a bound, and stretches up to double`, async () => {
    const clock = new ManualClock();
    const pace = new RetryPace({ clock, random: seededRandom(3) });
    for (const leastMs of leasts) {
      const delayMs = pace.nextDelayMs(failure);
      assert.ok(delayMs >= leastMs && delayMs < leastMs * 2, `${delayMs} after ${leastMs}`);
      await clock.advance(delayMs);
    }
  });
}

test('RetryPace begins anew after two minutes in which nothing failed', async () => {
  const { clock, pace } = unstretched();
  for (let failure = 0; failure < 10; failure++) {
    await clock.advance(pace.nextDelayMs('refused'));
  }
  await clock.advance(119_000);
  assert.equal(pace.nextDelayMs('refused'), 30_000);
  await clock.advance(30_000 + 120_000);
  assert.equal(pace.nextDelayMs('refused'), 800);
});

test('RetryPace is patient anew with a server that comes back and refuses for a moment', () => {
  const { pace } = unstretched();
  for (let failure = 0; failure < 10; failure++) pace.nextDelayMs('refused');
  pace.nextDelayMs('away');
  assert.equal(pace.nextDelayMs('refused'), 800);
});

for (const awayMs of [50, 1_000, 7_000, 60_000, 600_000]) {
  test(`1,000 clients are back within 10 s of ${awayMs} ms without a server, and not together`, () => {
    const random = seededRandom(awayMs);
    const clients = Array.from({ length: 1_000 }, () => timeline(awayMs, random));
    const backMs = clients.map(({ backAtMs }) => backAtMs - awayMs);

    assert.ok(Math.max(...backMs) <= 6_000, `the last after ${Math.max(...backMs)} ms`);
    const peak = peakPer100Ms(clients.map(({ backAtMs }) => backAtMs));
    assert.ok(peak <= 150, `${peak} of 1,000 clients came back in 100 ms`);
    const attempts = clients.flatMap(({ attemptsAtMs }) => attemptsAtMs);
    const attemptsPeak = peakPer100Ms(attempts);
    assert.ok(attemptsPeak <= 150, `${attemptsPeak} attempts in 100 ms`);
    const attemptsMax = 4 + awayMs / 3_000;
    for (const { attemptsAtMs } of clients) assert.ok(attemptsAtMs.length <= attemptsMax);
  });
}

/** When a client tries to reach a server that goes at 0 and is back at `awayMs`. */
function timeline(
  awayMs: number,
  random: Random,
): { readonly attemptsAtMs: readonly number[]; readonly backAtMs: number } {
  let nowMs = 0;
  const clock = { ...new ManualClock(), elapsed: () => nowMs } as unknown as ManualClock;
  const pace = new RetryPace({ clock, random });
  const attemptsAtMs: number[] = [];
  nowMs = pace.resumeDelayMs();
  while (nowMs < awayMs) {
    attemptsAtMs.push(nowMs);
    nowMs += pace.nextDelayMs('away');
  }
  return { attemptsAtMs, backAtMs: nowMs };
}

function peakPer100Ms(timesMs: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const timeMs of timesMs) {
    const slot = Math.floor(timeMs / 100);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function unstretched(): { readonly clock: ManualClock; readonly pace: RetryPace } {
  const clock = new ManualClock();
  return {
    clock,
    pace: new RetryPace({ clock, random: { ...seededRandom(3), fraction: () => 0 } }),
  };
}
