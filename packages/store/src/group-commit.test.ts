import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import { GroupCommit } from './group-commit.ts';
import { type Journal, JournalError, type LostCommit } from './journal.ts';
import { prefixRange } from './key-range.ts';
import { RevisionedStore } from './revisioned-store.ts';
import { keyOf } from './revisioned-map.ts';
import { type Stamp, type Store, type StoreEvent, StoreUnavailableError } from './store.ts';

const value = Buffer.from('value');
const all = prefixRange('/');

/** A journal that ends a commit when the test says how. */
class HeldJournal implements Journal {
  readonly batches: (readonly StoreEvent[])[] = [];
  readonly recoveries: LostCommit[] = [];
  readonly #held: PromiseWithResolvers<void>[] = [];

  commit(events: readonly StoreEvent[]): Promise<void> {
    this.batches.push(events);
    const held = Promise.withResolvers<void>();
    this.#held.push(held);
    return held.promise;
  }

  recover(lost: LostCommit): Promise<void> {
    this.recoveries.push(lost);
    const held = Promise.withResolvers<void>();
    this.#held.push(held);
    return held.promise;
  }

  async finish(error?: Error): Promise<void> {
    const held = this.#held.shift();
    assert.ok(held, 'no commit is under way');
    if (error === undefined) held.resolve();
    else held.reject(error);
    await settle();
  }

  keys(): string[][] {
    return this.batches.map((events) => events.map(keyOf));
  }

  async close(): Promise<void> {}
}

const full = new JournalError('the disk is full', { kind: 'full', reason: 'full' });
const broken = new JournalError('input/output error', { kind: 'other', reason: 'broken' });

function storeOver(journal: Journal, stamp?: Stamp, clock = new ManualClock()): Store {
  return new RevisionedStore({
    ...(stamp === undefined ? {} : { stamp }),
    revision: 1,
    entries: [],
    makeCommitter: (state) => new GroupCommit({ ...state, journal, clock }),
  });
}

test('GroupCommit shows a write to nobody before the journal has it', async () => {
  const journal = new HeldJournal();
  const store = storeOver(journal);
  const seen: number[] = [];
  const abort = new AbortController();
  const watching = (async () => {
    for await (const { events } of store.watch(all, 1, abort.signal)) seen.push(events.length);
  })();
  const write = store.create('/a', value);
  await settle();
  assert.equal(await store.get('/a'), undefined);
  assert.equal(await store.currentRevision(), 1);
  assert.deepEqual(seen, [0]);
  await journal.finish();
  assert.equal((await write).kind, 'created');
  assert.equal((await store.get('/a'))?.revision, 2);
  assert.deepEqual(seen, [0, 1]);
  abort.abort();
  await watching;
});

test('GroupCommit commits what came meanwhile in one go', async () => {
  const journal = new HeldJournal();
  const store = storeOver(journal);
  const first = [store.create('/a', value), store.create('/b', value)];
  await settle();
  const second = [store.create('/c', value), store.create('/d', value), store.create('/e', value)];
  await settle();
  assert.deepEqual(journal.keys(), [['/a', '/b']]);
  await journal.finish();
  assert.deepEqual(journal.keys(), [
    ['/a', '/b'],
    ['/c', '/d', '/e'],
  ]);
  await journal.finish();
  await Promise.all([...first, ...second]);
  assert.equal(await store.currentRevision(), 6);
});

test('GroupCommit lets a second write of a key wait and compare with the outcome of the first', async () => {
  const journal = new HeldJournal();
  const store = storeOver(journal);
  const first = store.create('/a', value);
  const second = store.create('/a', value);
  const guess = store.delete('/a', 2);
  await settle();
  assert.deepEqual(journal.keys(), [['/a']]);
  await journal.finish();
  assert.equal((await first).kind, 'created');
  assert.equal((await second).kind, 'exists');
  await journal.finish();
  assert.equal((await guess).kind, 'deleted');
});

test('GroupCommit rejects the writes of a batch that did not fit, and no others', async () => {
  const journal = new HeldJournal();
  const store = storeOver(journal);
  const lost = store.create('/a', value);
  const refusal = assert.rejects(
    lost,
    new StoreUnavailableError('the disk is full', { reason: 'full', cause: full }),
  );
  await settle();
  const kept = store.create('/b', value);
  const again = store.create('/a', value);
  await journal.finish(full);
  await refusal;
  await journal.finish();
  await journal.finish();
  const outcomes = [await kept, await again];
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind === 'created' && outcome.entry.revision),
    [2, 3],
  );
});

test('GroupCommit refuses all writes once the journal is broken, and still reads', async () => {
  const journal = new HeldJournal();
  const store = storeOver(journal);
  const before = store.create('/a', value);
  await settle();
  await journal.finish();
  await before;
  const lost = store.create('/b', value);
  await settle();
  const queued = store.create('/c', value);
  const sameKey = store.create('/b', value);
  const refusals = [lost, queued, sameKey].map((write) =>
    assert.rejects(write, StoreUnavailableError),
  );
  await journal.finish(broken);
  await Promise.all(refusals);
  await assert.rejects(store.create('/d', value), /input\/output error/);
  assert.equal((await store.get('/a'))?.revision, 2);
  assert.equal((await store.list(all)).count, 1);
  assert.equal(journal.batches.length, 2);
});

test('GroupCommit rejects a write whose stamp fails, without using up a revision', async () => {
  const journal = new HeldJournal();
  const store = storeOver(journal, (bytes) => {
    if (bytes.length === 0) throw new RangeError('no place for the revision');
    return bytes;
  });
  const bad = store.create('/bad', new Uint8Array());
  const good = store.create('/good', value);
  await assert.rejects(bad, RangeError);
  await settle();
  await journal.finish();
  const outcome = await good;
  assert.equal(outcome.kind === 'created' && outcome.entry.revision, 2);
});

test('GroupCommit looks again after a second, then less and less often, and goes on when all is well', async () => {
  const journal = new HeldJournal();
  const clock = new ManualClock();
  const store = storeOver(journal, undefined, clock);
  const seen: string[] = [];
  const abort = new AbortController();
  const watching = (async () => {
    for await (const { events } of store.watch(all, 1, abort.signal))
      seen.push(...events.map(keyOf));
  })();
  const first = store.create('/kept', value);
  await settle();
  await journal.finish();
  assert.equal((await first).kind, 'created');
  const lost = assert.rejects(store.create('/lost', value), StoreUnavailableError);
  await settle();
  await journal.finish(broken);
  await lost;
  assert.equal(await store.problem(), 'broken');
  for (const delayMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const looks = journal.recoveries.length;
    await clock.advance(delayMs - 1);
    assert.equal(journal.recoveries.length, looks);
    await clock.advance(1);
    await settle();
    assert.equal(journal.recoveries.length, looks + 1);
    await assert.rejects(store.create('/refused', value), StoreUnavailableError);
    await journal.finish(broken);
  }
  await clock.advance(30_000);
  await settle();
  const { revision, keys, sizeBytes } = journal.recoveries.at(-1) ?? {};
  assert.deepEqual([revision, keys, sizeBytes], [2, new Map([['/lost', undefined]]), value.length]);
  await journal.finish();
  assert.equal(await store.problem(), undefined);
  const next = store.create('/next', value);
  await settle();
  await journal.finish();
  const outcome = await next;
  assert.equal(outcome.kind === 'created' && outcome.entry.revision, 3);
  assert.deepEqual(seen, ['/kept', '/next']);
  abort.abort();
  await watching;
});

test('GroupCommit offers writes to a full journal, and has a problem until as much fits again', async () => {
  const journal = new HeldJournal();
  const clock = new ManualClock();
  const store = storeOver(journal, undefined, clock);
  const write = async (size: number, error?: Error): Promise<string | undefined> => {
    const writing = store.create(`/${journal.batches.length}`, Buffer.alloc(size)).catch(() => {});
    await settle();
    await journal.finish(error);
    await writing;
    return store.problem();
  };
  assert.equal(await write(100, full), 'full');
  assert.equal(await write(99), 'full');
  assert.equal(await write(100), undefined);
  assert.equal(await write(100, full), 'full');
  await clock.advance(1_000);
  await settle();
  assert.equal(journal.recoveries.at(-1)?.sizeBytes, 100);
  await journal.finish();
  assert.equal(await store.problem(), undefined);
});

test('GroupCommit refuses writes when too many wait, and takes them in batches of bounded size', async () => {
  const journal = new HeldJournal();
  const store = storeOver(journal);
  const small = Array.from({ length: 50_000 }, (_, index) => store.create(`/${index}`, value));
  await assert.rejects(store.create('/one-more', value), (error) => {
    return error instanceof StoreUnavailableError && error.message.includes('50000 writes wait');
  });
  for (let batch = 0; batch < 49; batch++) {
    await settle();
    await journal.finish();
  }
  await Promise.all(small);
  assert.deepEqual(new Set(journal.batches.map(({ length }) => length)), new Set([1_024, 848]));
  const big = Array.from({ length: 5 }, (_, index) =>
    store.create(`/big/${index}`, Buffer.alloc(5 * 1024 * 1024)),
  );
  for (let batch = 0; batch < 3; batch++) {
    await settle();
    await journal.finish();
  }
  await Promise.all(big);
  assert.deepEqual(
    journal.batches.slice(-3).map(({ length }) => length),
    [2, 2, 1],
  );
});
