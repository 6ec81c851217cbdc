import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Semaphore } from './semaphore.ts';
import { settle } from './testing.ts';

test('so many tasks run at the same time, and others in the order in which they came', async () => {
  const semaphore = new Semaphore(2);
  const begun: string[] = [];
  const ends = new Map<string, (failure?: Error) => void>();
  const run = (name: string): Promise<string> =>
    semaphore.run(
      () =>
        new Promise((resolve, reject) => {
          begun.push(name);
          ends.set(name, (failure) => (failure === undefined ? resolve(name) : reject(failure)));
        }),
    );
  const running = ['a', 'b', 'c', 'd'].map(run);
  await settle();
  assert.deepEqual(begun, ['a', 'b']);
  ends.get('b')?.(new Error('b has failed'));
  await assert.rejects(running[1] ?? Promise.resolve(), /b has failed/);
  assert.deepEqual(begun, ['a', 'b', 'c']);
  ends.get('c')?.();
  ends.get('a')?.();
  await settle();
  assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  running.push(run('e'));
  await settle();
  assert.deepEqual(begun, ['a', 'b', 'c', 'd', 'e']);
  for (const name of ['d', 'e']) ends.get(name)?.();
  assert.equal(await running[4], 'e');
});
