import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  countIndexes,
  countShared,
  firstMissing,
  formatIndexes,
  hasIndex,
  parseIndexes,
  withIndexes,
} from './index-set.ts';

test('indexes are written as intervals from three in a row on, and read up to the completions', () => {
  const cases: readonly (readonly [readonly number[], string])[] = [
    [[], ''],
    [[3], '3'],
    [[1, 0], '0,1'],
    [[4, 2, 3, 3], '2-4'],
    [[0, 2, 3, 7, 8, 9, 11], '0,2,3,7-9,11'],
  ];
  for (const [indexes, text] of cases) {
    assert.equal(formatIndexes(withIndexes([], indexes)), text);
    assert.equal(formatIndexes(parseIndexes(text, 100)), text);
  }
  assert.equal(formatIndexes(parseIndexes('0,2-9,12', 5)), '0,2-4');
  // Two that touch are one.
  assert.equal(formatIndexes(parseIndexes('0-1,2-3', 5)), '0-3');
});

test('a set of indexes is one in every regard', () => {
  const indexes = fc.array(fc.nat(30));
  fc.assert(
    fc.property(indexes, indexes, fc.nat(10), (one, other, count) => {
      const set = withIndexes([], one);
      const both = withIndexes(set, other);
      const wanted = new Set([...one, ...other]);
      assert.equal(countIndexes(both), wanted.size);
      for (let index = 0; index < 32; index++) {
        assert.equal(hasIndex(both, index), wanted.has(index));
      }
      const shared = new Set(one.filter((index) => other.includes(index)));
      assert.equal(countShared(set, withIndexes([], other)), shared.size);
      assert.deepEqual(parseIndexes(formatIndexes(both), 31), both);
      const missing = Array.from({ length: 25 }, (_, at) => at).filter((at) => !wanted.has(at));
      assert.deepEqual(firstMissing(both, { count, below: 25 }), missing.slice(0, count));
    }),
  );
});
