import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { byteOrder } from './key-order.ts';

const unit = fc.constantFrom(
  'a',
  '/',
  '\u00e9',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
);
const key = fc.string({ unit, maxLength: 5 });

test('byteOrder puts keys in the order of their bytes, and leaves almost all as they are', () => {
  fc.assert(
    fc.property(key, key, (left, right) => {
      const order = Buffer.compare(Buffer.from(left), Buffer.from(right));
      const [a, b] = [byteOrder(left), byteOrder(right)];
      assert.equal(a < b ? -1 : a > b ? 1 : 0, order);
    }),
    { numRuns: 1_000 },
  );
  assert.equal(byteOrder('/registry/pods/default/w\u00e4b'), '/registry/pods/default/w\u00e4b');
});
