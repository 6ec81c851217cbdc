import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShuffleShard } from './shuffle-shard.ts';

test('a flow always has the same hand, of different queues', () => {
  for (const [queues, handSize] of [
    [128, 6],
    [16, 4],
    [6, 6],
    [1, 1],
    [3, 8],
  ] as const) {
    const one = new ShuffleShard({ queues, handSize });
    const other = new ShuffleShard({ queues, handSize });
    for (let at = 0; at < 200; at++) {
      const hand = one.handOf(`flow ${at}`);
      assert.equal(new Set(hand).size, Math.min(queues, handSize));
      assert.ok(hand.every((queue) => queue >= 0 && queue < queues));
      assert.deepEqual(other.handOf(`flow ${at}`), hand);
    }
  }
});

test('hands use all queues alike, and two flows rarely share theirs', () => {
  const shard = new ShuffleShard({ queues: 64, handSize: 6 });
  const uses = Array.from({ length: 64 }, () => 0);
  const hands = Array.from({ length: 3_000 }, (_, at) => shard.handOf(`user-${at}`));
  for (const queue of hands.flat()) uses[queue] = (uses[queue] ?? 0) + 1;
  // 281 each on average.
  assert.ok(Math.min(...uses) > 200 && Math.max(...uses) < 370, uses.join(' '));
  const sorted = hands.map((hand) => [...hand].sort((a, b) => a - b).join());
  assert.ok(new Set(sorted).size > 2_990);
});

test('more flows than are remembered keep their hands', () => {
  const shard = new ShuffleShard({ queues: 64, handSize: 6 });
  const first = shard.handOf('first');
  for (let at = 0; at < 5_000; at++) shard.handOf(`flow ${at}`);
  assert.deepEqual(shard.handOf('first'), first);
});
