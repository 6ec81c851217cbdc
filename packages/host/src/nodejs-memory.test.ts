import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodejsMemory } from './nodejs-memory.ts';

test('nodejsMemory gives back what nothing holds any more, and leaves no gc() behind', () => {
  let waste: unknown[] | undefined = Array.from({ length: 200_000 }, (_, at) => ({ at }));
  nodejsMemory.collect();
  const heldBytes = nodejsMemory.heapBytes;
  assert.equal(waste.length, 200_000);
  waste = undefined;
  nodejsMemory.collect();
  assert.ok(nodejsMemory.heapBytes < heldBytes - 4_000_000);
  assert.equal('gc' in globalThis, false);
});

test('nodejsMemory counts the time that the event loop has worked', async () => {
  const beforeMs = nodejsMemory.busyMs;
  await new Promise((resolve) => setImmediate(resolve));
  const startMs = performance.now();
  while (performance.now() - startMs < 5);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(nodejsMemory.busyMs - beforeMs >= 5);
});
