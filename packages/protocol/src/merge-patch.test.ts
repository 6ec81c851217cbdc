import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { JsonValue } from './json-value.ts';
import { applyMergePatch } from './merge-patch.ts';

test('applyMergePatch() follows the examples of RFC 7396', () => {
  const cases: readonly (readonly [JsonValue, JsonValue, JsonValue])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, expected] of cases) {
    assert.deepEqual(applyMergePatch(target, patch), expected);
  }
});

test('applyMergePatch() pollutes nothing, changes nothing and shares nothing', () => {
  const patch = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"a":1}}') as JsonValue;
  const result = applyMergePatch({}, patch);
  assert.equal(JSON.stringify(result), '{"__proto__":{"polluted":1},"constructor":{"a":1}}');
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (target, change) => {
      const before = JSON.stringify([target, change]);
      const once = applyMergePatch(target as JsonValue, change as JsonValue);
      assert.deepEqual(applyMergePatch(once, change as JsonValue), once);
      assert.equal(JSON.stringify([target, change]), before);
    }),
  );
});
