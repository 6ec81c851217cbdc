import { commitToMemory } from './committer.ts';
import { RevisionedStore } from './revisioned-store.ts';
import type { StoreOptions } from './store-options.ts';
import type { Store } from './store.ts';

/** A store in memory, lost when the process ends. Writes are visible before their call returns. */
export function createMemoryStore(options: StoreOptions = {}): Store {
  return new RevisionedStore({
    ...options,
    revision: 1,
    entries: [],
    makeCommitter: commitToMemory,
  });
}
