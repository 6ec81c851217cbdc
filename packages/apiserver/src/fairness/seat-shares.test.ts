import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { type LevelDemand, type LevelShares, seatBounds, shareSeats } from './seat-shares.ts';

const all = { borrowingLimitPercent: undefined };
const usual = new Map<string, LevelShares>([
  ['leader-election', { shares: 10, lendablePercent: 0, ...all }],
  ['node-high', { shares: 40, lendablePercent: 25, ...all }],
  ['system', { shares: 30, lendablePercent: 33, ...all }],
  ['workload-high', { shares: 40, lendablePercent: 50, ...all }],
  ['workload-low', { shares: 100, lendablePercent: 90, ...all }],
  ['global-default', { shares: 20, lendablePercent: 50, ...all }],
  ['catch-all', { shares: 5, lendablePercent: 0, ...all }],
  ['exempt', { shares: 0, lendablePercent: 0, ...all }],
]);

test('seatBounds() divides the seats as a kube-apiserver does', () => {
  const bounds = seatBounds(usual, 600);
  const seats = [...bounds].map(([name, { nominal, least }]) => [name, nominal, least]);
  assert.deepEqual(seats, [
    ['leader-election', 25, 25],
    ['node-high', 98, 73],
    ['system', 74, 50],
    ['workload-high', 98, 49],
    ['workload-low', 245, 24],
    ['global-default', 49, 24],
    ['catch-all', 13, 13],
    ['exempt', 0, 0],
  ]);
});

test('a level may borrow so much of its own part', () => {
  const level = { shares: 1, lendablePercent: 0, borrowingLimitPercent: 20 };
  const bounds = seatBounds(new Map([...usual, ['mine', level]]), 600);
  assert.deepEqual(bounds.get('mine'), { nominal: 3, least: 3, most: 4 });
});

function demandOf(asked: Readonly<Record<string, number>>): ReadonlyMap<string, LevelDemand> {
  return new Map(
    [...seatBounds(usual, 600)].map(([name, bounds]) => {
      const smoothed = asked[name] ?? 0;
      return [name, { ...bounds, smoothed, highest: smoothed }];
    }),
  );
}

test('a level that is asked for much gets what others lend, and each keeps its own', () => {
  const seats = shareSeats(demandOf({ 'global-default': 1_000 }), 600);
  assert.ok((seats.get('global-default') ?? 0) > 320, `${seats.get('global-default')}`);
  assert.deepEqual([seats.get('leader-election'), seats.get('node-high')], [25, 73]);
});

test('who needs its part now has it, whoever else asks', () => {
  const seats = shareSeats(demandOf({ 'global-default': 1_000, 'workload-low': 230 }), 600);
  assert.ok((seats.get('workload-low') ?? 0) >= 230);
});

test('whatever is asked for, each level stays within its bounds and all together within the server', () => {
  const random = seededRandom(5);
  for (let round = 0; round < 500; round++) {
    const asked = Object.fromEntries(
      [...usual.keys()].map((name) => [name, Math.floor(random.fraction() ** 3 * 2_000)]),
    );
    const demand = demandOf(asked);
    const seats = shareSeats(demand, 600);
    let sum = 0;
    for (const [name, { least, most }] of demand) {
      const given = seats.get(name) ?? -1;
      sum += given;
      assert.ok(given >= least && given <= most, `${name} has ${given}`);
    }
    // Parts are rounded, up where they are divided.
    assert.ok(sum >= 596 && sum <= 608, `${sum} seats`);
  }
});
