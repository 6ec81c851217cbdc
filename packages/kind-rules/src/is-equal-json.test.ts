import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { isEqualJson } from './is-equal-json.ts';

test('isEqualJson takes a field that says nothing for one that is absent', () => {
  for (const nothing of [undefined, null, false, '', []]) {
    assert.equal(isEqualJson({ a: 1, b: nothing }, { a: 1 }), true);
    assert.equal(isEqualJson({ a: 1 }, { a: 1, b: nothing }), true);
  }
});

test('isEqualJson tells values, lists and depth apart', () => {
  assert.equal(isEqualJson({ a: 0 }, {}), false);
  assert.equal(isEqualJson({ a: {} }, {}), false);
  assert.equal(isEqualJson([1, 2], [2, 1]), false);
  assert.equal(isEqualJson([1], { 0: 1 }), false);
  assert.equal(isEqualJson({ a: { b: [{ c: 'd' }] } }, { a: { b: [{ c: 'e' }] } }), false);
});

test('isEqualJson holds between any value and its copy, both ways', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      assert.equal(isEqualJson(one, JSON.parse(JSON.stringify(one))), true);
      assert.equal(isEqualJson(one, other), isEqualJson(other, one));
    }),
  );
});
