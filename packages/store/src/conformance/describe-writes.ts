import assert from 'node:assert/strict';
import { test } from 'node:test';
import { singleKeyRange } from '../key-range.ts';
import { StoreUnavailableError } from '../store.ts';
import { bytes, fixtureFor, type OpenStore, text } from './store-fixture.ts';

/** Compare-and-set, one key at a time and many writers at once. */
export function describeWrites(open: OpenStore): void {
  test('create adds a key once and answers with what is there the second time', async (t) => {
    const { store } = await fixtureFor(t, open);
    const before = await store.currentRevision();
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const { revision, createRevision } = created.entry;
    assert.ok(revision > before);
    assert.equal(createRevision, revision);
    assert.ok((await store.currentRevision()) >= revision);
    const again = await store.create('/a', bytes('two'));
    assert.ok(again.kind === 'exists');
    assert.equal(text(again.current), 'one');
    assert.equal(again.current.revision, revision);
    assert.equal(again.current.createRevision, revision);
  });

  test('get answers undefined for a key that is not there', async (t) => {
    const { store } = await fixtureFor(t, open);
    assert.equal(await store.get('/a'), undefined);
  });

  test('update replaces the value of the expected revision only', async (t) => {
    const { store } = await fixtureFor(t, open);
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const updated = await store.update('/a', bytes('two'), created.entry.revision);
    assert.ok(updated.kind === 'updated');
    assert.ok(updated.entry.revision > created.entry.revision);
    assert.equal(updated.entry.createRevision, created.entry.revision);
    const stale = await store.update('/a', bytes('three'), created.entry.revision);
    assert.ok(stale.kind === 'conflict');
    assert.equal(text(stale.current), 'two');
    assert.equal(text(await store.get('/a')), 'two');
  });

  test('update of a key that is not there is a conflict with nothing', async (t) => {
    const { store } = await fixtureFor(t, open);
    assert.deepEqual(await store.update('/a', bytes('one'), 1), {
      kind: 'conflict',
      current: undefined,
    });
  });

  test('delete removes the expected revision only, at a revision of its own', async (t) => {
    const { store } = await fixtureFor(t, open);
    const created = await store.create('/a', bytes('one'));
    assert.ok(created.kind === 'created');
    const stale = await store.delete('/a', created.entry.revision + 7);
    assert.ok(stale.kind === 'conflict');
    assert.equal(text(stale.current), 'one');
    const deleted = await store.delete('/a', created.entry.revision);
    assert.ok(deleted.kind === 'deleted');
    assert.ok(deleted.revision > created.entry.revision);
    assert.equal(text(deleted.entry), 'one');
    assert.equal(await store.get('/a'), undefined);
    const again = await store.delete('/a', created.entry.revision);
    assert.deepEqual(again, { kind: 'conflict', current: undefined });
  });

  test('a key that is created again begins a new life', async (t) => {
    const { store } = await fixtureFor(t, open);
    const first = await store.create('/a', bytes('one'));
    assert.ok(first.kind === 'created');
    await store.delete('/a', first.entry.revision);
    const second = await store.create('/a', bytes('two'));
    assert.ok(second.kind === 'created');
    assert.equal(second.entry.createRevision, second.entry.revision);
    assert.ok(second.entry.revision > first.entry.revision + 1);
  });

  test('of concurrent creates of one key exactly one wins', async (t) => {
    const { store } = await fixtureFor(t, open);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, writer) => store.create('/a', bytes(`${writer}`))),
    );
    const winners = outcomes.filter(({ kind }) => kind === 'created');
    assert.equal(winners.length, 1);
    const stored = text(await store.get('/a'));
    for (const outcome of outcomes) {
      assert.equal(text(outcome.kind === 'created' ? outcome.entry : outcome.current), stored);
    }
  });

  test('no update is lost among concurrent writers that try again', async (t) => {
    const { store } = await fixtureFor(t, open);
    await store.create('/counter', bytes('0'));
    const addOne = async (): Promise<void> => {
      while (true) {
        const current = await store.get('/counter');
        const next = bytes(String(Number(text(current)) + 1));
        const outcome = await store.update('/counter', next, current?.revision ?? 0);
        if (outcome.kind === 'updated') return;
      }
    };
    await Promise.all(Array.from({ length: 25 }, addOne));
    assert.equal(text(await store.get('/counter')), '25');
  });

  test('every write has a revision of its own, at which it is there', async (t) => {
    const { store } = await fixtureFor(t, open);
    const before = await store.currentRevision();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.create(`/k${index}`, bytes('x'))),
    );
    const entries = outcomes.flatMap((outcome) =>
      outcome.kind === 'created' ? outcome.entry : [],
    );
    const revisions = new Set(entries.map(({ revision }) => revision));
    assert.equal(revisions.size, 50);
    for (const { key, revision } of entries) {
      assert.ok(revision > before);
      const range = singleKeyRange(key);
      assert.equal((await store.list(range, { revision })).count, 1);
      assert.equal((await store.list(range, { revision: revision - 1 })).count, 0);
    }
    assert.ok((await store.currentRevision()) >= Math.max(...revisions));
  });

  test('values come back byte for byte, stamped with their revision', async (t) => {
    const stamp = (value: Uint8Array, revision: number): Uint8Array =>
      Buffer.concat([value, Buffer.from(`@${revision}`)]);
    const { store } = await fixtureFor(t, open, { stamp });
    const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const created = await store.create('/a', everyByte);
    assert.ok(created.kind === 'created');
    const stamped = stamp(everyByte, created.entry.revision);
    assert.deepEqual(Buffer.from(created.entry.value), stamped);
    assert.deepEqual(Buffer.from((await store.get('/a'))?.value ?? []), stamped);
    const emptied = await store.update('/a', new Uint8Array(), created.entry.revision);
    assert.ok(emptied.kind === 'updated');
    assert.equal(text(await store.get('/a')), `@${emptied.entry.revision}`);
  });

  test('a value keeps nothing alive but itself', async (t) => {
    const { store } = await fixtureFor(t, open);
    const value = Buffer.alloc(1_000_000).subarray(500_000, 500_010);
    const created = await store.create('/a', value);
    assert.ok(created.kind === 'created');
    assert.equal(created.entry.value.buffer.byteLength, value.length);
    assert.equal((await store.get('/a'))?.value.buffer.byteLength, value.length);
  });

  test('a key that UTF-8 cannot hold is refused', async (t) => {
    const { store } = await fixtureFor(t, open);
    await assert.rejects(store.create('/\ud800', bytes('x')), RangeError);
    await assert.rejects(store.create('', bytes('x')), RangeError);
  });

  test('a closed store refuses everything', async (t) => {
    const { store } = await fixtureFor(t, open);
    const underWay = store.create('/a', bytes('one'));
    await store.close();
    assert.equal((await underWay).kind, 'created');
    await assert.rejects(store.get('/a'), StoreUnavailableError);
    await assert.rejects(store.create('/b', bytes('x')), StoreUnavailableError);
    await store.close();
  });
}
