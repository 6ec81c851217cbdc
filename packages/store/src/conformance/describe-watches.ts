import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange, singleKeyRange } from '../key-range.ts';
import { CompactedError, type StoreEvent, type WatchBatch } from '../store.ts';
import { bytes, fixtureFor, type OpenStore, text } from './store-fixture.ts';
import { all, take, watched } from './take-events.ts';

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
