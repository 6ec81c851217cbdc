import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap } from './heap.ts';

test('what is taken out is first, whatever was added and deleted before', () => {
  const step = fc.record({ isDeletion: fc.boolean(), at: fc.nat(99), rank: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new Heap<{ rank: number }>((one, other) => one.rank < other.rank);
      const held: { rank: number }[] = [];
      for (const { isDeletion, at, rank } of steps) {
        if (isDeletion && held.length > 0) {
          const [item] = held.splice(at % held.length, 1);
          if (item !== undefined) equal(heap.delete(item), true);
        } else {
          const item = { rank };
          held.push(item);
          heap.add(item);
        }
      }
      equal(heap.size, held.length);
      const taken: number[] = [];
      while (heap.first !== undefined) {
        taken.push(heap.first.rank);
        heap.delete(heap.first);
      }
      deepEqual(
        taken,
        held.map(({ rank }) => rank).sort((one, other) => one - other),
      );
    }),
  );
});

test('a thing is in it once', () => {
  const heap = new Heap<object>(() => false);
  const item = {};
  heap.add(item);
  throws(() => heap.add(item), /in the heap already/);
  equal(heap.delete(item), true);
  equal(heap.delete(item), false);
});
