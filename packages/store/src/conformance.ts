/** What every store must do, as a test suite. Each implementation runs it. */
import { describe } from 'node:test';
import { describeHistory } from './conformance/describe-history.ts';
import { describeReopening } from './conformance/describe-reopening.ts';
import { describeWatches } from './conformance/describe-watches.ts';
import { describeWrites } from './conformance/describe-writes.ts';
import type { OpenStore } from './conformance/store-fixture.ts';

export type { OpenStore, StoreFixture, StoreNeeds } from './conformance/store-fixture.ts';

/** Runs the suite against the stores that `open` makes; each test asks for an empty one. */
export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    describeWrites(open);
    describeHistory(open);
    describeWatches(open);
    describeReopening(open);
  });
}
