import { ManualClock } from '@fairway/host/testing';
import { describeStore } from './conformance.ts';
import { createMemoryStore } from './memory-store.ts';

describeStore('createMemoryStore', async (needs) => {
  const clock = new ManualClock();
  const store = createMemoryStore({ ...needs, clock, progressIntervalMs: 5_000 });
  return {
    store,
    passProgressInterval: () => clock.advance(5_000),
    reopen: undefined,
    dispose: () => store.close(),
  };
});
