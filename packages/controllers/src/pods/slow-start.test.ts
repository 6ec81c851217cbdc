import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { apiError } from '@fairway/protocol';
import { slowStart } from './slow-start.ts';

test('batches double while all goes well', async () => {
  let begun = 0;
  const waiting: (() => void)[] = [];
  const sizes: number[] = [];
  const all = slowStart(
    Array.from({ length: 10 }),
    () => new Promise<number>((resolve) => waiting.push(() => resolve(++begun))),
  );
  while (begun < 10) {
    await settle();
    sizes.push(waiting.length);
    for (const finish of waiting.splice(0)) finish();
  }
  deepEqual(sizes, [1, 2, 4, 3]);
  equal((await all).done.length, 10);
});

test('after a failure no further batch is begun, and what was done counts', async () => {
  let calls = 0;
  const refused = new Error('refused');
  const { done, failure } = await slowStart(Array.from({ length: 100 }), async () => {
    if (++calls === 5) throw refused;
    return calls;
  });
  equal(calls, 7);
  equal(done.length, 6);
  equal(failure, refused);
});

test('where the namespace is being emptied no further batch is begun, and that is no failure', async () => {
  const causes = [
    { reason: 'NamespaceTerminating', message: 'it is', field: 'metadata.namespace' },
  ];
  const refused = apiError('Forbidden', 'the namespace is being emptied', { causes });
  const { done, failure } = await slowStart([1, 2, 3, 4, 5], async (item) => {
    if (item === 2) throw refused;
    return item;
  });
  deepEqual(done, [1, 3]);
  equal(failure, undefined);
});
