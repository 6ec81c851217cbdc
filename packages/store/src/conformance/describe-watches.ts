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
    const deleted = await store.delete('/a', updated.entry.revision);
    assert.ok(deleted.kind === 'deleted');
    assert.deepEqual((await watched(store, after, 3)).map(summary), [
      `put ${created.entry.revision} /a=one, before nothing`,
      `put ${updated.entry.revision} /a=two, before one`,
      `delete ${deleted.revision} before two`,
    ]);
  });

  test('watch has neither gap nor repetition, wherever in concurrent writes it begins', async (t) => {
    const { store } = await fixtureFor(t, open);
    const writes = 120;
    const stop = new AbortController();
    const watches: { after: number; revisions: Promise<number[]> }[] = [];
    const written: number[] = [];
    await Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        for (let index = 0; index < writes / 6; index++) {
          const outcome = await store.create(`/w${writer}/${index}`, bytes('x'));
          assert.ok(outcome.kind === 'created');
          written.push(outcome.entry.revision);
          if (index % 4 !== 0) continue;
          const after = await store.currentRevision();
          watches.push({ after, revisions: revisionsOf(store.watch(all, after, stop.signal)) });
        }
      }),
    );
    const last = await store.create('/last', bytes('x'));
    assert.ok(last.kind === 'created');
    written.push(last.entry.revision);
    written.sort((left, right) => left - right);
    for (const { after, revisions } of watches) {
      const expected = written.filter((revision) => revision > after);
      assert.deepEqual(await revisions, expected);
    }
    stop.abort();
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
    const after = (await store.currentRevision()) + 20;
    const watching = watched(store, after, 1);
    let first: string | undefined;
    for (let index = 0; first === undefined; index++) {
      const outcome = await store.create(`/${index}`, bytes(`${index}`));
      if (outcome.kind === 'created' && outcome.entry.revision > after) first = `${index}`;
    }
    assert.deepEqual((await watching).map(keyText), [first]);
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

  test('a consumer is told so when the bytes that wait for it are too many', async (t) => {
    const { store } = await fixtureFor(t, open, { watcherBytesMax: 100_000 });
    const after = await store.currentRevision();
    const slow = await startedWatch(store, '/', after);
    const quick = watched(store, after, 8);
    for (let index = 0; index < 8; index++) {
      await store.create(`/${index}`, bytes('x'.repeat(40_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await quick).length, 8);
    assert.deepEqual(await restOf(slow), { events: 0, end: 'SlowWatcherError' });
  });

  test('what a consumer has taken does not wait for it any more', async (t) => {
    const { store } = await fixtureFor(t, open, { watcherBytesMax: 100_000 });
    const after = await store.currentRevision();
    const watch = await startedWatch(store, '/', after);
    for (let index = 0; index < 8; index++) {
      await store.create(`/${index}`, bytes('x'.repeat(40_000)));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal((await queued(watch))?.events.length, 1);
    }
  });

  test('of all consumers those furthest behind are told so when their bytes together are too many', async (t) => {
    const { store } = await fixtureFor(t, open, { watchersBytesMax: 100_000 });
    const after = await store.currentRevision();
    const [first, equal] = [
      await startedWatch(store, '/a', after),
      await startedWatch(store, '/a', after),
    ];
    const later = await startedWatch(store, '/b', after);
    const big = bytes('x'.repeat(40_000));
    for (const key of ['/a1', '/b1', '/b2']) {
      await store.create(key, big);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { signal } = new AbortController();
    assert.equal((await take(store.watch(prefixRange('/b'), after, signal), 2)).length, 2);
    const ended = { events: 0, end: 'SlowWatcherError' };
    assert.deepEqual([await restOf(first), await restOf(equal)], [ended, ended]);
    const kept = [await queued(later), await queued(later)];
    assert.deepEqual(
      kept.map((batch) => batch?.events.length),
      [1, 1],
    );
  });

  test('consumers that wait for the same count once together', async (t) => {
    const { store } = await fixtureFor(t, open, { watchersBytesMax: 100_000 });
    const after = await store.currentRevision();
    const watches = await Promise.all(
      Array.from({ length: 20 }, () => startedWatch(store, '/', after)),
    );
    await store.create('/a', bytes('x'.repeat(40_000)));
    await new Promise((resolve) => setImmediate(resolve));
    for (const watch of watches) assert.equal((await queued(watch))?.events.length, 1);
  });

  test('a consumer that reads the past too slowly is told when it is forgotten', async (t) => {
    const { store } = await fixtureFor(t, open);
    const after = await store.currentRevision();
    for (let index = 0; index < 3; index++) {
      await store.create(`/${index}`, bytes('x'.repeat(1_100_000)));
    }
    const { signal } = new AbortController();
    const watch = store.watch(all, after, signal)[Symbol.asyncIterator]();
    assert.equal((await watch.next()).value?.events.length, 1);
    await store.compact(await store.currentRevision());
    await assert.rejects(watch.next(), CompactedError);
    assert.equal((await watch.next()).done, true);
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
    const loud = await store.create('/loud/1', bytes('x'));
    assert.ok(loud.kind === 'created');
    await passProgressInterval();
    const { revision = 0, events } = (await progress) ?? {};
    assert.ok(revision >= loud.entry.revision);
    assert.deepEqual(events, []);
    abort.abort();
  });
}

/** A watch whose consumer has read the first batch and reads no further. */
async function startedWatch(
  store: Store,
  prefix: string,
  after: number,
): Promise<AsyncIterator<WatchBatch>> {
  const { signal } = new AbortController();
  const watch = store.watch(prefixRange(prefix), after, signal)[Symbol.asyncIterator]();
  assert.deepEqual((await watch.next()).value?.events, []);
  return watch;
}

/** The next batch that is there already. */
async function queued(watch: AsyncIterator<WatchBatch>): Promise<WatchBatch | undefined> {
  const nothing = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  const next = await Promise.race([watch.next(), nothing]);
  return next?.done === true ? undefined : next?.value;
}

/** Reads what is there already, and how it ends if it does. */
async function restOf(
  watch: AsyncIterator<WatchBatch>,
): Promise<{ readonly events: number; readonly end: string }> {
  let events = 0;
  try {
    for (let next = await queued(watch); next !== undefined; next = await queued(watch)) {
      events += next.events.length;
    }
    return { events, end: 'none' };
  } catch (error) {
    return { events, end: (error as Error).name };
  }
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

/** The revisions of all events until the one that puts `/last`. */
async function revisionsOf(watch: AsyncIterable<WatchBatch>): Promise<number[]> {
  const revisions: number[] = [];
  for await (const { events } of watch) {
    revisions.push(...events.map(({ revision }) => revision));
    if (events.some((event) => event.kind === 'put' && event.entry.key === '/last')) break;
  }
  return revisions;
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
