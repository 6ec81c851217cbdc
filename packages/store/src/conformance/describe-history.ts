import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyAfter, prefixRange } from '../key-range.ts';
import {
  CompactedError,
  FutureRevisionError,
  type Store,
  StoreUnavailableError,
} from '../store.ts';
import { bytes, fixtureFor, type OpenStore, text } from './store-fixture.ts';

const all = prefixRange('/');

/** Lists of now and of the past, and the end of the past. */
export function describeHistory(open: OpenStore): void {
  test('list answers the keys of the range in order, and how many there are', async (t) => {
    const { store } = await fixtureFor(t, open);
    for (const key of ['/b/2', '/a/1', '/b/10', '/b/1', '/c/1', '/b']) {
      await store.create(key, bytes(key));
    }
    const page = await store.list(prefixRange('/b/'));
    assert.deepEqual(page.entries.map(text), ['/b/1', '/b/10', '/b/2']);
    assert.equal(page.count, 3);
    assert.ok(page.revision >= (page.entries[0]?.revision ?? 0));
    const first = await store.list(prefixRange('/b/'), { limit: 2 });
    assert.deepEqual(first.entries.map(text), ['/b/1', '/b/10']);
    assert.equal(first.count, 3);
  });

  test('keys are in the order of their bytes in UTF-8, in lists of now and of the past, and in ranges', async (t) => {
    const { store } = await fixtureFor(t, open);
    // In UTF-16 code units the last one would come before the two before it.
    const ordered = ['/k/a', '/k/z\u00e4', '/k/\u4e2d', '/k/\ue000', '/k/\uff5e', '/k/\u{1f6f6}'];
    for (const key of [...ordered].reverse()) await store.create(key, bytes(key));
    const { revision } = await store.list(all);
    await store.create('/k/\u{1f6f7}', bytes('later'));
    const now = await store.list(prefixRange('/k/'));
    assert.deepEqual(now.entries.map(text), [...ordered, 'later']);
    const then = await store.list(prefixRange('/k/'), { revision });
    assert.deepEqual(then.entries.map(text), ordered);
    const paged: (string | undefined)[] = [];
    for (let start = '/k/'; paged.length < ordered.length;) {
      const page = await store.list({ start, end: '/k0' }, { revision, limit: 1 });
      paged.push(...page.entries.map(text));
      start = keyAfter(page.entries[0]?.key ?? '');
    }
    assert.deepEqual(paged, ordered);
    const middle = await store.list({ start: '/k/\ue000', end: '/k/\u{1f6f6}' });
    assert.deepEqual(middle.entries.map(text), ['/k/\ue000', '/k/\uff5e']);
    const astral = await store.list(prefixRange('/k/\u{1f6f6}'));
    assert.deepEqual(astral.entries.map(text), ['/k/\u{1f6f6}']);
    const watch = store.watch(
      { start: '/k/\uff5e', end: '/k1' },
      revision - 1,
      new AbortController().signal,
    );
    for await (const { events } of watch) {
      const keys = events.map((event) => (event.kind === 'put' ? event.entry.key : ''));
      assert.deepEqual(keys, ['/k/\u{1f6f7}']);
      break;
    }
  });

  test('a page can be had at least as new as a revision, and is followed without a gap', async (t) => {
    const { store } = await fixtureFor(t, open);
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const atLeast = created.entry.revision;
    const page = await store.list(all, { atLeast });
    assert.ok(page.revision >= atLeast && page.count === 1);
    assert.equal(text(await store.get('/a', { atLeast })), 'one');
    assert.ok((await store.list(all, { atLeast: 0 })).revision >= 1);
    await store.create('/b', bytes('two'));
    for await (const { events } of store.watch(all, page.revision, new AbortController().signal)) {
      assert.deepEqual(
        events.map((event) => event.kind === 'put' && event.entry.key),
        ['/b'],
      );
      break;
    }
    const future = (await store.currentRevision()) + 1_000;
    await assert.rejects(store.list(all, { atLeast: future }), FutureRevisionError);
    await assert.rejects(store.get('/a', { atLeast: future }), FutureRevisionError);
  });

  test('who waits for a revision sees all up to it, or is let go', async (t) => {
    const { store } = await fixtureFor(t, open);
    const now = await store.currentRevision();
    const { signal } = new AbortController();
    await store.reached(now, signal);
    const wanted = now + 30;
    const counts: number[] = [];
    const waiting = Array.from({ length: 3 }, async () => {
      await store.reached(wanted, signal);
      counts.push((await store.list(all, { atLeast: wanted })).count);
    });
    let writes = 0;
    while ((await store.currentRevision()) < wanted) {
      assert.deepEqual(counts, []);
      await store.create(`/${writes++}`, bytes('x'));
    }
    await Promise.all(waiting);
    assert.deepEqual(counts, [writes, writes, writes]);
    const leaving = new AbortController();
    const left = store.reached(wanted + 1_000, leaving.signal);
    leaving.abort(new Error('enough'));
    await assert.rejects(left, /enough/);
    await assert.rejects(store.reached(wanted + 1_000, leaving.signal), /enough/);
    const ended = store.reached(wanted + 1_000, signal);
    await Promise.all([assert.rejects(ended, StoreUnavailableError), store.close()]);
  });

  test('list of an empty or inverted range is empty', async (t) => {
    const { store } = await fixtureFor(t, open);
    await store.create('/a', bytes('x'));
    assert.equal((await store.list({ start: '/b', end: '/c' })).count, 0);
    assert.equal((await store.list({ start: '/b', end: '/a' })).count, 0);
  });

  test('pages of one revision are one snapshot while writes go on', async (t) => {
    const { store } = await fixtureFor(t, open);
    const names = Array.from({ length: 40 }, (_, index) => `/p/${100 + index}`);
    for (const name of names) await store.create(name, bytes('old'));
    const first = await store.list(all, { limit: 7 });
    const found = first.entries.map((entry) => `${entry.key}=${text(entry)}`);
    let last = first.entries.at(-1)?.key;
    for (let turn = 0; last !== undefined; turn++) {
      await disturb(store, turn);
      const rest = { start: keyAfter(last), end: all.end };
      const page = await store.list(rest, { limit: 7, revision: first.revision });
      assert.equal(page.revision, first.revision);
      assert.equal(page.count, names.length - found.length);
      found.push(...page.entries.map((entry) => `${entry.key}=${text(entry)}`));
      last = page.entries.at(-1)?.key;
    }
    assert.deepEqual(
      found,
      names.map((name) => `${name}=old`),
    );
  });

  test('list of the future is refused', async (t) => {
    const { store } = await fixtureFor(t, open);
    const revision = (await store.currentRevision()) + 1_000;
    await assert.rejects(store.list(all, { revision }), FutureRevisionError);
    await assert.rejects(store.compact(revision), FutureRevisionError);
  });

  test('compact ends the past before a revision, and keeps that revision itself', async (t) => {
    const { store } = await fixtureFor(t, open);
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const updated = await store.update('/a', bytes('two'), created.entry.revision);
    assert.ok(updated.kind === 'updated');
    const { revision } = updated.entry;
    await store.create('/b', bytes('new'));
    await store.compact(revision);
    const kept = await store.list(all, { revision });
    assert.deepEqual(kept.entries.map(text), ['two']);
    await assert.rejects(store.list(all, { revision: revision - 1 }), (error) => {
      assert.ok(error instanceof CompactedError);
      assert.equal(error.oldestRevision, revision);
      return true;
    });
    const now = await store.list(all);
    assert.deepEqual(now.entries.map(text), ['two', 'new']);
  });

  test('compact of what is compacted already changes nothing', async (t) => {
    const { store } = await fixtureFor(t, open);
    await store.create('/a', bytes('one'));
    const revision = await store.currentRevision();
    await store.compact(revision);
    await store.compact(revision - 1);
    await store.compact(revision);
    assert.equal((await store.list(all, { revision })).count, 1);
  });
}

// Changes, removes and adds keys everywhere.
async function disturb(store: Store, turn: number): Promise<void> {
  const { entries } = await store.list(all);
  const changed = entries[(turn * 7) % entries.length];
  const removed = entries[(turn * 11 + 3) % entries.length];
  if (changed !== undefined) await store.update(changed.key, bytes('new'), changed.revision);
  if (removed !== undefined) {
    const current = await store.get(removed.key);
    await store.delete(removed.key, current?.revision ?? 0);
    if (turn % 2 === 0) await store.create(removed.key, bytes('again'));
  }
  await store.create(`/p/${100 + turn}x`, bytes('added'));
}
