import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { englishNumbers, plainNumbers } from './number-styles.ts';

/** Expectations of cel-go's own tests (ext/strings_test.go), and others that follow from them. */
suite('englishNumbers', () => {
  for (const [value, digits, expected] of [
    [2.71828, 6, '2.718280'],
    [1234567.5, 1, '1,234,567.5'],
    [-1000, 0, '-1,000'],
    [999, 2, '999.00'],
    [Number.POSITIVE_INFINITY, 6, '∞'],
    [Number.NEGATIVE_INFINITY, 6, '-∞'],
    [Number.NaN, 6, 'NaN'],
  ] as const) {
    test(`%.${digits}f of ${value}`, () => {
      assert.equal(englishNumbers.fixed(value, digits), expected);
    });
  }

  for (const [value, width, expected] of [
    [1052.032911275, 6, '1.052033\u202f×\u202f10⁰³'],
    [2.71828, 6, '2.718280\u202f×\u202f10⁰⁰'],
    [-0.0015, 1, '-1.500000\u202f×\u202f10⁻⁰³'],
    [1e100, 20, '    1.000000\u202f×\u202f10¹⁰⁰'],
  ] as const) {
    test(`%.${width}e of ${value}`, () => {
      assert.equal(englishNumbers.scientific(value, width), expected);
    });
  }
});

test('plainNumbers write as the specification says', () => {
  assert.equal(plainNumbers.fixed(1234567.5, 1), '1234567.5');
  assert.equal(plainNumbers.scientific(1052.032911275, 6), '1.052033e+03');
  assert.equal(plainNumbers.fixed(Number.NEGATIVE_INFINITY, 1), '-Infinity');
});
