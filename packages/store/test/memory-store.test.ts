import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { createMemoryStore, type Store, type StoreOptions } from '@fairway/store';
import {
  createSparseStore,
  describeStore,
  type OpenStore,
  type StoreFixture,
  type StoreNeeds,
} from '@fairway/store/testing';
import { describeAgainstModel } from './store-model.ts';

const open = openerOf(createMemoryStore);
const openSparse = openerOf(createSparseStore);

describeStore('createMemoryStore', open);
describe('createMemoryStore and the model', () => describeAgainstModel(open, { runs: 150 }));

describeStore('createSparseStore', openSparse);
describe('createSparseStore and the model', () => describeAgainstModel(openSparse, { runs: 150 }));

function openerOf(create: (options: StoreOptions) => Store): OpenStore {
  return async (needs: StoreNeeds): Promise<StoreFixture> => fixtureOver(create, needs);
}

function fixtureOver(create: (options: StoreOptions) => Store, needs: StoreNeeds): StoreFixture {
  const clock = new ManualClock();
  const store = create({ ...needs, clock, progressIntervalMs: 5_000 });
  return {
    store,
    passProgressInterval: () => clock.advance(5_000),
    passTime: (byMs) => clock.advance(byMs),
    dispose: async () => {
      await store.close();
      assert.equal(clock.pending, 0, 'timers wait for a store that is closed');
    },
  };
}
