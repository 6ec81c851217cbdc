import { type Committer, commitToMemory, eventOf } from '../committer.ts';
import { RevisionedStore, type RevisionedStoreParts } from '../revisioned-store.ts';
import type { StoreOptions } from '../store-options.ts';
import type { Store } from '../store.ts';

/**
 * A store in memory to which others write too, as to an etcd: revisions have holes, some belong to
 * keys that are not ours, and the newest one often belongs to a write that is not ours.
 */
export function createSparseStore(options: StoreOptions = {}): Store {
  return new RevisionedStore({
    ...options,
    revision: 1_000,
    entries: [],
    makeCommitter: commitAmongOthers,
  });
}

type CommitterState = Parameters<RevisionedStoreParts['makeCommitter']>[0];

function commitAmongOthers(state: CommitterState): Committer {
  const { map, publish } = state;
  const own = commitToMemory(state);
  let turn = 0;
  const skip = (revisions: number): void => {
    const previous = map.get(foreignKey);
    const value = new Uint8Array();
    const write = { kind: 'put', key: foreignKey, value, previous, expiresAt: undefined } as const;
    const event = eventOf(write, map.revision + revisions, (bytes) => bytes);
    map.apply(event);
    publish(event);
  };
  return {
    ...own,
    commit(write) {
      turn++;
      if (turn % 2 === 0) skip(1 + (turn % 5));
      const committed = own.commit(write);
      if (turn % 3 === 0) skip(2);
      return committed;
    },
  };
}

/** Beyond every key of a Kubernetes API. */
const foreignKey = '~somebody/else';
