import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@fairway/host/testing';
import { describeStore } from './conformance.ts';
import { openSqliteStore } from './sqlite-store.ts';

describeStore('openSqliteStore', async (needs) => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-store-'));
  const clock = new ManualClock();
  const options = { ...needs, directory, clock, progressIntervalMs: 5_000 };
  let store = await openSqliteStore(options);
  return {
    store,
    passProgressInterval: () => clock.advance(5_000),
    async reopen() {
      await store.close();
      store = await openSqliteStore(options);
      return store;
    },
    async dispose() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});
