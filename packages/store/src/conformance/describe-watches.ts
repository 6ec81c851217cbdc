import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange, singleKeyRange } from '../key-range.ts';
import {
  CompactedError,
  SlowWatcherError,
  type Store,
  type StoreEvent,
  type WatchBatch,
} from '../store.ts';
import { bytes, fixtureFor, type OpenStore, text } from './store-fixture.ts';

const all = prefixRange('/');

/** Every change once, in order, for as long as the consumer wants. */
export function describeWatches(open: OpenStore): void {
  test('watch tells what was put and deleted, with what was there before', async (t) => {
    const { store } = await fixtureFor(t, open);
    const after = await store.currentRevision();
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const updated = await store.update('/a', bytes('two'), created.entry.revision);
    assert.ok(updated.kind === 'updated');
    await store.delete('/a', updated.entry.revision);
    assert.deepEqual((await watched(store, after, 3)).map(summary), [
      `put ${after + 1} /a=one, before nothing`,
      `put ${after + 2} /a=two, before one`,
      `delete ${after + 3} before two`,
    ]);
  });

  test('watch has neither gap nor repetition, wherever in concurrent writes it begins', async (t) => {
    const { store } = await fixtureFor(t, open);
    const from = await store.currentRevision();
    const writes = 120;
    const watches: Promise<StoreEvent[]>[] = [];
    await Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        for (let index = 0; index < writes / 6; index++) {
          await store.create(`/w${writer}/${index}`, bytes('x'));
          if (index % 4 !== 0) continue;
          const after = await store.currentRevision();
          watches.push(watched(store, after, from + writes - after));
        }
      }),
    );
    for (const events of await Promise.all(watches)) {
      const first = events[0]?.revision ?? 0;
      assert.deepEqual(
        events.map((event) => event.revision),
        events.map((_, index) => first + index),
      );
      assert.equal(events.at(-1)?.revision ?? from + writes, from + writes);
    }
  });

  test('watches of different ranges get theirs and agree on the order', async (t) => {
    const { store } = await fixtureFor(t, open);
    const after = await store.currentRevision();
    const ranges = [all, prefixRange('/a/'), prefixRange('/a/x'), singleKeyRange('/b/1')];
    const abort = new AbortController();
    const expected = [5, 3, 2, 1];
    const seen = ranges.map((range, index) => {
      return take(store.watch(range, after, abort.signal), expected[index] ?? 0);
    });
    for (const key of ['/a/x1', '/b/1', '/a/y', '/a/x2', '/b/11']) {
      await store.create(key, bytes(key));
    }
    const keys = (await Promise.all(seen)).map((events) => events.map(keyText));
    assert.deepEqual(keys, [
      ['/a/x1', '/b/1', '/a/y', '/a/x2', '/b/11'],
      ['/a/x1', '/a/y', '/a/x2'],
      ['/a/x1', '/a/x2'],
      ['/b/1'],
    ]);
    abort.abort();
  });

  test('a read never sees a write before a watch from that read could miss it', async (t) => {
    const { store } = await fixtureFor(t, open);
    for (let round = 0; round < 20; round++) {
      const write = store.create(`/r${round}`, bytes('x'));
      const page = await store.list(all);
      await write;
      const isListed = page.entries.some((entry) => entry.key === `/r${round}`);
      const later = isListed ? 0 : 1;
      const events = await watched(store, page.revision, later);
      assert.deepEqual(events.map(keyText), isListed ? [] : ['x']);
    }
  });

  test('watch ends when its signal aborts, and when it had aborted before', async (t) => {
    const { store } = await fixtureFor(t, open);
    const after = await store.currentRevision();
    const abort = new AbortController();
    const watching = collect(store.watch(all, after, abort.signal));
    abort.abort();
    await watching;
    assert.deepEqual(await collect(store.watch(all, after, abort.signal)), []);
  });

  test('watch ends when the store closes', async (t) => {
    const { store } = await fixtureFor(t, open);
    const after = await store.currentRevision();
    const watching = collect(store.watch(all, after, new AbortController().signal));
    await store.close();
    await watching;
  });

  test('watch from before the oldest revision fails', async (t) => {
    const { store } = await fixtureFor(t, open);
    await store.create('/a', bytes('x'));
    const revision = await store.currentRevision();
    await store.create('/b', bytes('x'));
    await store.compact(revision);
    const { signal } = new AbortController();
    await assert.rejects(collect(store.watch(all, revision - 1, signal)), CompactedError);
    assert.equal((await watched(store, revision, 1)).length, 1);
  });

  test('watch from the future waits for what comes after it', async (t) => {
    const { store } = await fixtureFor(t, open);
    const after = (await store.currentRevision()) + 2;
    const watching = watched(store, after, 1);
    for (const key of ['/a', '/b', '/c']) await store.create(key, bytes(key));
    assert.deepEqual((await watching).map(keyText), ['/c']);
  });

  test('a consumer that falls too far behind is told so, others are not disturbed', async (t) => {
    const { store } = await fixtureFor(t, open, { watcherEventsMax: 10 });
    const after = await store.currentRevision();
    const slow = store.watch(all, after, new AbortController().signal)[Symbol.asyncIterator]();
    await slow.next();
    const quick = watched(store, after, 40);
    for (let index = 0; index < 40; index++) {
      await store.create(`/${index}`, bytes('x'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await quick).length, 40);
    await assert.rejects(async () => {
      for (let batches = 0; batches < 40; batches++) await slow.next();
    }, SlowWatcherError);
    assert.equal((await slow.next()).done, true);
  });

  test('progress tells a quiet watch how far it has got', async (t) => {
    const { store, passProgressInterval } = await fixtureFor(t, open);
    const after = await store.currentRevision();
    const abort = new AbortController();
    const quiet = store.watch(prefixRange('/quiet/'), after, abort.signal);
    const progress = (async (): Promise<WatchBatch | undefined> => {
      for await (const batch of quiet) if (batch.revision > after) return batch;
      return undefined;
    })();
    await store.create('/loud/1', bytes('x'));
    await passProgressInterval();
    assert.deepEqual(await progress, { revision: after + 1, events: [] });
    abort.abort();
  });
}

function watched(store: Store, after: number, count: number): Promise<StoreEvent[]> {
  return take(store.watch(all, after, new AbortController().signal), count);
}

async function take(watch: AsyncIterable<WatchBatch>, count: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  if (count === 0) return events;
  for await (const batch of watch) {
    events.push(...batch.events);
    assert.ok(batch.revision >= (batch.events.at(-1)?.revision ?? 0));
    if (events.length >= count) break;
  }
  return events;
}

async function collect(watch: AsyncIterable<WatchBatch>): Promise<WatchBatch[]> {
  const batches: WatchBatch[] = [];
  for await (const batch of watch) batches.push(batch);
  return batches;
}

function keyText(event: StoreEvent): string | undefined {
  return text(event.kind === 'put' ? event.entry : event.previous);
}

function summary(event: StoreEvent): string {
  const before = text(event.previous) ?? 'nothing';
  return event.kind === 'put'
    ? `put ${event.revision} ${event.entry.key}=${text(event.entry)}, before ${before}`
    : `delete ${event.revision} before ${before}`;
}
