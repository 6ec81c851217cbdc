import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { countOf } from './count-of.ts';

test('a number is itself, and a percentage a share that is rounded as told', () => {
  equal(countOf(3, { total: 10, rounding: 'up' }), 3);
  equal(countOf('25%', { total: 10, rounding: 'up' }), 3);
  equal(countOf('25%', { total: 10, rounding: 'down' }), 2);
  equal(countOf('150%', { total: 2, rounding: 'down' }), 3);
  equal(countOf('0%', { total: 10, rounding: 'up' }), 0);
  // 7 % of 100 is 7.000000000000001 in the wrong order of operations.
  equal(countOf('7%', { total: 100, rounding: 'up' }), 7);
  equal(countOf('many', { total: 10, rounding: 'up' }), undefined);
  equal(countOf('5', { total: 10, rounding: 'up' }), undefined);
});
