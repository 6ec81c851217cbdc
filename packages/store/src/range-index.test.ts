import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { prefixRange, rangeTest, singleKeyRange } from './key-range.ts';
import { RangeIndex } from './range-index.ts';
import type { KeyRange } from './store.ts';

const key = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '0', '\0', '\uffff'), maxLength: 6 });
const range: fc.Arbitrary<KeyRange> = fc.oneof(
  key.map(singleKeyRange),
  key.map((start) => prefixRange(`${start}/`)),
  key.map((start) => prefixRange(`${start}a`)),
  fc.record({ start: key, end: key }),
);

test('RangeIndex.visit finds exactly the ranges that hold a key', () => {
  fc.assert(
    fc.property(fc.array(range), fc.array(range), fc.array(key), (ranges, removed, keys) => {
      const index = new RangeIndex<KeyRange>();
      for (const each of ranges) index.set(each, each);
      for (const each of removed) index.delete(each);
      const left = [...index.values()];
      for (const each of keys) {
        const found: string[] = [];
        index.visit(each, (value) => found.push(JSON.stringify(value)));
        const expected = left.filter((candidate) => rangeTest(candidate)(each));
        assert.deepEqual(found.sort(), expected.map((value) => JSON.stringify(value)).sort());
      }
    }),
    { numRuns: 300 },
  );
});

test('RangeIndex keeps ranges apart that differ only in where they are cut', () => {
  const index = new RangeIndex<string>();
  index.set({ start: 'a', end: 'bc' }, 'one');
  index.set({ start: 'ab', end: 'c' }, 'two');
  assert.equal(index.get({ start: 'a', end: 'bc' }), 'one');
  index.delete({ start: 'a', end: 'bc' });
  assert.deepEqual([...index.values()], ['two']);
});

test('prefixRange ends at the next character, carries over the highest, and makes no half pairs', () => {
  assert.deepEqual(prefixRange('/a\u{10ffff}'), { start: '/a\u{10ffff}', end: '/b' });
  assert.equal(prefixRange('/\ud7ff').end, '/\ue000');
  assert.equal(prefixRange('/\u{1f6f6}').end, '/\u{1f6f7}');
  assert.throws(() => prefixRange(''), RangeError);
});
