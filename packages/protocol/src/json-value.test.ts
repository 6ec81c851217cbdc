import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { equalsJson } from './json-value.ts';

suite('equalsJson', () => {
  test('tells apart what says something and what is not there', () => {
    for (const something of [false, null, '', 0, [], {}]) {
      assert.equal(equalsJson({ a: something }, {}), false);
      assert.equal(equalsJson({}, { a: something }), false);
      assert.equal(equalsJson({ a: something, b: 1 }, { b: 1, c: something }), false);
    }
    assert.equal(equalsJson([], {}), false);
    assert.equal(equalsJson([1], { 0: 1 }), false);
    assert.equal(equalsJson([1, 2], [2, 1]), false);
    assert.equal(equalsJson({ constructor: Object }, {}), false);
    assert.equal(equalsJson({}, JSON.parse('{"__proto__":1}')), false);
  });

  test('takes a field that is undefined for one that is not there, and fields in any order', () => {
    assert.equal(equalsJson({ a: undefined, b: 1 }, { b: 1 }), true);
    assert.equal(equalsJson({ b: 1 }, { a: undefined, b: 1 }), true);
    assert.equal(equalsJson({ a: 1, b: [{}] }, { b: [{}], a: 1 }), true);
  });

  test('finds what the same text has equal, both ways, and nothing else', () => {
    const sorted = (value: unknown): string =>
      JSON.stringify(value, (_, each: unknown) =>
        typeof each === 'object' && each !== null && !Array.isArray(each)
          ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
          : each,
      );
    const parsed = fc.json({ maxDepth: 3 }).map((text): unknown => JSON.parse(text));
    fc.assert(
      fc.property(parsed, parsed, (one, other) => {
        assert.equal(equalsJson(one, JSON.parse(JSON.stringify(one))), true);
        assert.equal(equalsJson(one, other), sorted(one) === sorted(other));
        assert.equal(equalsJson(one, other), equalsJson(other, one));
      }),
    );
  });
});
