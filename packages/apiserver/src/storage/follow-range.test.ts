import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '@fairway/host';
import { ManualClock, settle } from '@fairway/host/testing';
import { type Store, createMemoryStore } from '@fairway/store';
import { followRange } from './follow-range.ts';

test('followRange() goes on after any number of failures, and ends without one', async () => {
  const clock = new ManualClock();
  const stopping = new AbortController();
  await using store = asDisposable(createMemoryStore({ clock }));
  await store.create('/a', Buffer.from('1'));
  let failures = 3;
  const failing: Store = {
    ...methodsOf(store),
    list: (range, options) => {
      if (failures === 3 || failures-- <= 0) return store.list(range, options);
      return Promise.reject(new Error('the disk is away'));
    },
    watch: (range, after, signal) => {
      if (failures !== 3) return store.watch(range, after, signal);
      failures -= 1;
      throw new Error('the watch broke');
    },
  };
  const seen: string[] = [];
  const followed = await followRange(
    { start: '/', end: '0' },
    {
      reset: (entries) => void seen.push(`reset ${entries.map(({ key }) => key).join()}`),
      put: ({ key }) => void seen.push(`put ${key}`),
      delete: ({ key }) => void seen.push(`delete ${key}`),
    },
    { store: failing, clock, logger: silentLogger, signal: stopping.signal },
  );
  for (let tries = 0; tries < 4; tries++) {
    await settle();
    await clock.advance(1_000);
  }
  await store.create('/b', Buffer.from('2'));
  await settle();
  assert.deepEqual(seen, ['reset /a', 'reset /a', 'put /b']);
  stopping.abort();
  await followed.ended;
});

function methodsOf(store: Store): Store {
  return {
    get: (key) => store.get(key),
    list: (range, options) => store.list(range, options),
    create: (key, value) => store.create(key, value),
    update: (key, value, revision) => store.update(key, value, revision),
    delete: (key, revision) => store.delete(key, revision),
    watch: (range, after, signal) => store.watch(range, after, signal),
    currentRevision: () => store.currentRevision(),
    compact: (revision) => store.compact(revision),
    problem: () => store.problem(),
    reached: (revision, signal) => store.reached(revision, signal),
    close: () => store.close(),
  };
}

function asDisposable(store: Store): Store & AsyncDisposable {
  return { ...methodsOf(store), [Symbol.asyncDispose]: () => store.close() };
}
