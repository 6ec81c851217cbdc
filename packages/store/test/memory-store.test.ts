import { describe } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { createMemoryStore } from '@fairway/store';
import { describeStore, type StoreFixture, type StoreNeeds } from '@fairway/store/testing';
import { describeAgainstModel } from './store-model.ts';

describeStore('createMemoryStore', open);
describe('createMemoryStore and the model', () => describeAgainstModel(open, { runs: 150 }));

async function open(needs: StoreNeeds): Promise<StoreFixture> {
  const clock = new ManualClock();
  const store = createMemoryStore({ ...needs, clock, progressIntervalMs: 5_000 });
  return {
    store,
    passProgressInterval: () => clock.advance(5_000),
    dispose: () => store.close(),
  };
}
