/** What every store must do, as a test suite. Each implementation runs it. */
import { describe } from 'node:test';
import { describeExpiry } from './conformance/describe-expiry.ts';
import { describeHistory } from './conformance/describe-history.ts';
import { describeReopening } from './conformance/describe-reopening.ts';
import { describeSlowWatchers } from './conformance/describe-slow-watchers.ts';
import { describeWatches } from './conformance/describe-watches.ts';
import { describeWrites } from './conformance/describe-writes.ts';
import type { OpenDurableStore, OpenStore } from './conformance/store-fixture.ts';

export { createSparseStore } from './conformance/sparse-store.ts';
export type {
  DurableStoreFixture,
  OpenDurableStore,
  OpenStore,
  StoreFixture,
  StoreNeeds,
} from './conformance/store-fixture.ts';

/** Runs the suite against the stores that `open` makes; each test asks for an empty one. */
export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    describeWrites(open);
    describeHistory(open);
    describeWatches(open);
    describeSlowWatchers(open);
    describeExpiry(open);
  });
}

/** Runs the suite against stores that leave something behind, and looks for it. */
export function describeDurableStore(name: string, open: OpenDurableStore): void {
  describeStore(name, open);
  describe(`${name}, opened again`, () => describeReopening(open));
}
