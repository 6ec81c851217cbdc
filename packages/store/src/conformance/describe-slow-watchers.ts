import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../key-range.ts';
import { CompactedError, SlowWatcherError, type Store, type WatchBatch } from '../store.ts';
import { bytes, fixtureFor, type OpenStore } from './store-fixture.ts';
import { all, take, watched } from './take-events.ts';

/** Who does not keep up is told so, and holds neither memory nor others. */
export function describeSlowWatchers(open: OpenStore): void {
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
