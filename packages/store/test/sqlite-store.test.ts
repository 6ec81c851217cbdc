import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { CompactedError, openSqliteStore, prefixRange } from '@fairway/store';
import {
  describeDurableStore,
  type DurableStoreFixture,
  type StoreNeeds,
} from '@fairway/store/testing';
import { describeAgainstModel } from './store-model.ts';

const all = prefixRange('/');

describeDurableStore('openSqliteStore', open);
describe('openSqliteStore and the model', () => describeAgainstModel(open, { runs: 8 }));

test('openSqliteStore keeps no history from before: a watch goes on from the loaded revision', async (t) => {
  const fixture = await open({});
  t.after(() => fixture.dispose());
  await fixture.store.create('/a', Buffer.from('one'));
  await fixture.store.create('/b', Buffer.from('two'));
  const store = await fixture.reopen();
  const revision = await store.currentRevision();
  assert.equal((await store.list(all, { revision })).count, 2);
  await assert.rejects(store.list(all, { revision: revision - 1 }), CompactedError);
  const { signal } = new AbortController();
  const watch = store.watch(all, revision, signal)[Symbol.asyncIterator]();
  assert.deepEqual(await watch.next(), { done: false, value: { revision, events: [] } });
  const tooOld = store.watch(all, revision - 1, signal)[Symbol.asyncIterator]();
  await assert.rejects(tooOld.next(), CompactedError);
});

test('openSqliteStore keeps what it need not sync when its process stops', async (t) => {
  const fixture = await open({}, { survivesPowerLoss: false });
  t.after(() => fixture.dispose());
  await fixture.store.create('/a', Buffer.from('one'));
  const store = await fixture.reopen();
  assert.equal((await store.list(all)).count, 1);
});

async function open(
  needs: StoreNeeds,
  more: { readonly survivesPowerLoss?: boolean } = {},
): Promise<DurableStoreFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-store-'));
  const clock = new ManualClock();
  const options = { ...needs, ...more, directory, clock, progressIntervalMs: 5_000 };
  let store = await openSqliteStore(options);
  return {
    store,
    passProgressInterval: () => clock.advance(5_000),
    // What the clock sets off goes on in the thread that has the file.
    async passTime(byMs) {
      await clock.advance(byMs);
      await store.create(`settled/${clock.elapsed()}`, new Uint8Array());
    },
    async reopen({ afterMs = 0 } = {}) {
      await store.close();
      await clock.advance(afterMs);
      store = await openSqliteStore(options);
      return store;
    },
    async dispose() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}
