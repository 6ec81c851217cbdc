import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../key-range.ts';
import type { Store, StoreEvent } from '../store.ts';
import { bytes, fixtureFor, type OpenStore, text } from './store-fixture.ts';

const all = prefixRange('/');

/** Entries that go by themselves. */
export function describeExpiry(open: OpenStore): void {
  test('an entry goes after its time to live, and not before: an ordinary deletion', async (t) => {
    const { store, passTime } = await fixtureFor(t, open);
    const created = await store.create('/a', bytes('one'), { timeToLiveMs: 60_000 });
    assert.ok(created.kind === 'created');
    await store.create('/b', bytes('two'));
    await passTime(59_000);
    assert.equal(text(await store.get('/a')), 'one');
    await passTime(10_000);
    assert.equal(await store.get('/a'), undefined);
    assert.equal(text(await store.get('/b')), 'two');
    const [event] = (await eventsAfter(store, created.entry.revision)).slice(-1);
    assert.ok(event?.kind === 'delete');
    assert.deepEqual([event.previous.key, text(event.previous)], ['/a', 'one']);
    const { revision } = event;
    assert.equal((await store.list(all, { revision: revision - 1 })).count, 2);
    assert.equal((await store.list(all, { revision })).count, 1);
    assert.equal((await store.create('/a', bytes('again'))).kind, 'created');
  });

  test('a write of the key decides anew how long it lives', async (t) => {
    const { store, passTime } = await fixtureFor(t, open);
    const revisions = new Map<string, number>();
    for (const key of ['/longer', '/for-good', '/gone']) {
      const created = await store.create(key, bytes('one'), { timeToLiveMs: 60_000 });
      assert.ok(created.kind === 'created');
      revisions.set(key, created.entry.revision);
    }
    await passTime(30_000);
    const revisionOf = (key: string): number => revisions.get(key) ?? 0;
    const longer = { timeToLiveMs: 90_000 };
    await store.update('/longer', bytes('two'), revisionOf('/longer'), longer);
    await store.update('/for-good', bytes('two'), revisionOf('/for-good'));
    await store.delete('/gone', revisionOf('/gone'));
    await store.create('/gone', bytes('two'));
    await passTime(60_000);
    assert.deepEqual(await values(store), ['/for-good', '/gone', '/longer']);
    await passTime(60_000);
    assert.deepEqual(await values(store), ['/for-good', '/gone']);
    await passTime(3_600_000);
    assert.deepEqual(await values(store), ['/for-good', '/gone']);
  });

  test('many entries go, each once', async (t) => {
    const { store, passTime } = await fixtureFor(t, open);
    const from = await store.currentRevision();
    const count = 1_500;
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        store.create(`/${index}`, bytes('x'), { timeToLiveMs: 10_000 + index }),
      ),
    );
    for (let waited = 0; (await values(store)).length > 0 && waited < 60; waited++) {
      await passTime(1_000);
    }
    const events = await eventsAfter(store, from);
    const deleted = events.filter(({ kind }) => kind === 'delete');
    assert.equal(new Set(deleted.map(({ previous }) => previous?.key)).size, count);
    assert.equal(deleted.length, count);
  });

  test('a time to live that is none is refused', async (t) => {
    const { store } = await fixtureFor(t, open);
    for (const timeToLiveMs of [0, -1, Number.NaN, Infinity]) {
      await assert.rejects(store.create('/a', bytes('x'), { timeToLiveMs }), RangeError);
    }
    assert.equal(await store.get('/a'), undefined);
  });
}

async function values(store: Store): Promise<string[]> {
  const { entries } = await store.list(all);
  return entries.map(({ key }) => key);
}

async function eventsAfter(store: Store, after: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  const until = await store.currentRevision();
  for await (const batch of store.watch(all, after, new AbortController().signal)) {
    events.push(...batch.events);
    if (batch.revision >= until) break;
  }
  return events;
}
