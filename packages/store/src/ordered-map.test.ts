import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { OrderedMap } from './ordered-map.ts';

// Small numbers of few digits meet often; enough of them fill several chunks.
const key = fc.integer({ min: 0, max: 4_000 }).map((number) => `/${number.toString(7)}`);

test('OrderedMap agrees with a sorted array, across chunks', () => {
  fc.assert(
    fc.property(
      fc.array(key, { minLength: 1_500, maxLength: 3_000 }),
      fc.array(key, { maxLength: 1_500 }),
      fc.array(fc.tuple(key, key, fc.nat(600)), { minLength: 20 }),
      fc.boolean(),
      (added, removed, ranges, isAscending) => {
        const map = new OrderedMap<string>();
        for (const each of isAscending ? added.toSorted() : added)
          map.set(each, `value of ${each}`);
        for (const each of removed) map.delete(each);
        const gone = new Set(removed);
        const left = [...new Set(added)].filter((each) => !gone.has(each)).sort();
        for (const [start, end, limit] of ranges) {
          const within = left.filter((each) => each >= start && each < end);
          const values = within.map((each) => `value of ${each}`);
          assert.equal(map.count({ start, end }), within.length);
          assert.deepEqual(map.take({ start, end }, 0), values);
          if (limit > 0) assert.deepEqual(map.take({ start, end }, limit), values.slice(0, limit));
          assert.equal(map.get(start), left.includes(start) ? `value of ${start}` : undefined);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('OrderedMap.take of everything passes over a chunk that holds nothing of the range', () => {
  const map = new OrderedMap<number>();
  for (let number = 1_000; number < 1_600; number++) map.set(String(number), number);
  for (let number = 1_001; number < 1_600; number++) {
    const range = { start: `${number - 1}x`, end: `${number}x` };
    assert.deepEqual(map.take(range, 0), [number]);
  }
});

test('OrderedMap.delete answers whether the key was there', () => {
  const map = new OrderedMap<number>();
  map.set('a', 1);
  assert.equal(map.delete('b'), false);
  assert.equal(map.delete('a'), true);
  assert.equal(map.delete('a'), false);
  assert.equal(map.count({ start: '', end: '\uffff' }), 0);
});
