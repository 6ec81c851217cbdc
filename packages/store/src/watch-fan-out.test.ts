import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { prefixRange } from './key-range.ts';
import { createMemoryStore } from './memory-store.ts';
import type { Store, WatchBatch } from './store.ts';

const value = Buffer.from('value');
const pods = prefixRange('/pods/');

function follow(store: Store, after: number): { batches: WatchBatch[]; leave: () => void } {
  const batches: WatchBatch[] = [];
  const abort = new AbortController();
  const watch = store.watch(pods, after, abort.signal)[Symbol.asyncIterator]();
  void (async () => {
    for (let next = await watch.next(); next.done !== true; next = await watch.next()) {
      batches.push(next.value);
    }
  })();
  return { batches, leave: () => abort.abort() };
}

test('WatchFanOut gives all watchers of a range the same batch, once per turn', async () => {
  const store = createMemoryStore();
  const [one, two] = [follow(store, 1), follow(store, 1)];
  await settle();
  for (let index = 0; index < 10; index++) await store.create(`/pods/${index}`, value);
  await settle();
  assert.deepEqual(
    one.batches.map((batch) => batch.events.length),
    [0, 10],
  );
  assert.equal(one.batches[1], two.batches[1]);
  one.leave();
  two.leave();
});

test('WatchFanOut repeats nothing for a watcher that joins in the middle of a turn', async () => {
  const store = createMemoryStore();
  const early = follow(store, 1);
  await store.create('/pods/1', value);
  const late = follow(store, 1);
  await store.create('/pods/2', value);
  await settle();
  for (const { batches, leave } of [early, late]) {
    const revisions = batches.flatMap(({ events }) => events.map((event) => event.revision));
    assert.deepEqual(revisions, [2, 3]);
    leave();
  }
});

test('WatchFanOut delivers in between when one turn brings very many events', async () => {
  const store = createMemoryStore({ watcherEventsMax: 1_500 });
  const { batches, leave } = follow(store, 1);
  for (let index = 0; index < 5_000; index++) await store.create(`/pods/${index}`, value);
  await settle();
  const events = batches.flatMap((batch) => batch.events);
  assert.equal(events.length, 5_000);
  leave();
});

test('WatchFanOut delivers in between when one turn brings very many bytes', async () => {
  const store = createMemoryStore();
  const { batches, leave } = follow(store, 1);
  await settle();
  for (let index = 0; index < 10; index++) {
    await store.create(`/pods/${index}`, Buffer.alloc(300_000));
  }
  await settle();
  assert.deepEqual(
    batches.map(({ events }) => events.length),
    [0, 4, 4, 2],
  );
  leave();
});

test('WatchFanOut sends no progress to a watch that has it already', async () => {
  const store = createMemoryStore();
  await store.create('/nodes/1', value);
  const { batches, leave } = follow(store, 1);
  await settle();
  assert.deepEqual(batches, [{ revision: 2, events: [] }]);
  leave();
});

test('the history that a store keeps is bounded in events and in bytes', async () => {
  const byEvents = createMemoryStore({ historyEventsMax: 10 });
  for (let index = 0; index < 30; index++) await byEvents.create(`/pods/${index}`, value);
  await assert.rejects(byEvents.list(pods, { revision: 20 }), /the oldest one kept is 21/);
  assert.equal((await byEvents.list(pods, { revision: 21 })).count, 20);

  const byBytes = createMemoryStore({ historyBytesMax: 3 * value.length });
  const created = await byBytes.create('/pods/1', value);
  let revision = created.kind === 'created' ? created.entry.revision : 0;
  for (; revision < 12; revision++) await byBytes.update('/pods/1', value, revision);
  await assert.rejects(byBytes.list(pods, { revision: 8 }), /the oldest one kept is 9/);
  assert.equal((await byBytes.list(pods, { revision: 9 })).entries[0]?.revision, 9);
});
