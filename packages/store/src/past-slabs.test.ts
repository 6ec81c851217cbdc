import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PastSlabs, slabBytes } from './past-slabs.ts';

const lengths = fc.array(
  fc.oneof(
    fc.nat(10),
    fc.nat(9_000),
    fc.constantFrom(slabBytes / 8, slabBytes / 8 + 1, slabBytes, 2 * slabBytes),
  ),
  { maxLength: 200 },
);

test('PastSlabs keeps what it was given, apart from where it came from', () => {
  fc.assert(
    fc.property(lengths, (all) => {
      const slabs = new PastSlabs();
      const copies = all.map((length, at) => {
        const value = Buffer.alloc(length, at);
        const copy = slabs.copy(value);
        value.fill(at + 1);
        return copy;
      });
      for (const [at, copy] of copies.entries()) {
        assert.equal(copy.length, all[at]);
        assert.ok(copy.every((byte) => byte === at % 256));
      }
    }),
  );
});

test('PastSlabs keeps little more alive than the newest values take, however many came before', () => {
  fc.assert(
    fc.property(lengths, fc.nat(200), (all, forgotten) => {
      const slabs = new PastSlabs();
      const kept = all.map((length) => slabs.copy(Buffer.alloc(length))).slice(forgotten);
      const buffers = new Set(kept.map((copy) => copy.buffer));
      const aliveBytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
      const keptBytes = kept.reduce((sum, { length }) => sum + length, 0);
      assert.ok(aliveBytes <= (keptBytes * 8) / 7 + 2 * slabBytes);
    }),
    { examples: [[Array.from({ length: 20 }, () => slabBytes / 2 + 1), 0]] },
  );
});
