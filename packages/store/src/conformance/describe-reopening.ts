import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../key-range.ts';
import type { StoreEvent } from '../store.ts';
import { bytes, fixtureFor, type OpenDurableStore, text } from './store-fixture.ts';

const all = prefixRange('/');

/** What a durable store finds again. */
export function describeReopening(open: OpenDurableStore): void {
  test('what was written is found again when the store is opened again', async (t) => {
    const fixture = await fixtureFor(t, open);
    const { store } = fixture;
    for (const name of ['b', '\u{1f6f6}', 'a', 'ä', '\uff5e', 'c\0d'])
      await store.create(`/${name}`, bytes(name));
    const before = await store.list(all);
    const again = await fixture.reopen();
    const after = await again.list(all);
    assert.deepEqual(after.entries.map(plain), before.entries.map(plain));
    assert.equal(after.revision, before.revision);
    for (const { value } of after.entries) assert.equal(value.buffer.byteLength, value.length);
    assert.deepEqual(after.entries.map(text), ['a', 'b', 'c\0d', 'ä', '\uff5e', '\u{1f6f6}']);
  });

  test('revisions never come again, even those of what is gone', async (t) => {
    const fixture = await fixtureFor(t, open);
    const { store } = fixture;
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const deleted = await store.delete('/a', created.entry.revision);
    assert.ok(deleted.kind === 'deleted');
    await store.compact(deleted.revision);
    const again = await fixture.reopen();
    assert.ok((await again.currentRevision()) >= deleted.revision);
    const next = await again.create('/a', bytes('two'));
    assert.ok(next.kind === 'created');
    assert.ok(next.entry.revision > deleted.revision);
  });

  test('an entry goes at its time although the store was closed meanwhile', async (t) => {
    const fixture = await fixtureFor(t, open);
    const { store, passTime } = fixture;
    await store.create('/stays', bytes('x'));
    await store.create('/goes', bytes('x'), { timeToLiveMs: 10_000 });
    await store.create('/later', bytes('x'), { timeToLiveMs: 3_600_000 });
    const again = await fixture.reopen({ afterMs: 20_000 });
    const before = await again.currentRevision();
    const { signal } = new AbortController();
    const watch = again.watch(all, before, signal)[Symbol.asyncIterator]();
    await passTime(5_000);
    const { entries } = await again.list(all);
    assert.deepEqual(
      entries.map(({ key }) => key),
      ['/later', '/stays'],
    );
    let events: readonly StoreEvent[] = [];
    while (events.length === 0) events = (await watch.next()).value?.events ?? [];
    const [event] = events;
    assert.ok(event?.kind === 'delete' && event.previous.key === '/goes');
    assert.ok(event.revision > before);
    await watch.return?.();
  });
}

function plain(entry: {
  key: string;
  value: Uint8Array;
  revision: number;
  createRevision: number;
}): unknown {
  return { ...entry, value: Buffer.from(entry.value).toString('hex') };
}
