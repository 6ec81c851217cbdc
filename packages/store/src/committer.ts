import { ownBytes } from './own-bytes.ts';
import type { RevisionedMap } from './revisioned-map.ts';
import type { Stamp, StoreEntry, StoreEvent, StoreUnavailableError } from './store.ts';

/** A write whose condition has been checked. */
export type Write =
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: Uint8Array;
      readonly previous: StoreEntry | undefined;
      /** When the entry goes by itself. */
      readonly expiresAt: number | undefined;
    }
  | { readonly kind: 'delete'; readonly key: string; readonly previous: StoreEntry };

/** How writes become durable, then visible: the one thing in which our stores differ. */
export interface Committer {
  /**
   * Whether a write of `key` is under way. Other writes of the key must wait until it has ended.
   */
  isPending(key: string): boolean;
  /** Resolves when the write of `key` that is under way has ended, however it did. */
  settled(key: string): Promise<void>;
  /**
   * Gives the write its revision and resolves when everybody sees it.
   *
   * Errors: `StoreUnavailableError`; then the write has not happened as far as readers can tell.
   */
  commit(write: Write): StoreEvent | Promise<StoreEvent>;
  /** Why writes fail now; undefined while they do not. */
  problem(): StoreUnavailableError | undefined;
  close(): Promise<void>;
}

/** What a write turns into at its revision. */
export function eventOf(write: Write, revision: number, stamp: Stamp): StoreEvent {
  if (write.kind === 'delete') return { kind: 'delete', revision, previous: write.previous };
  const { key, previous, expiresAt } = write;
  const value = ownBytes(stamp(write.value, revision));
  const createRevision = previous?.createRevision ?? revision;
  const entry = { key, value, revision, createRevision };
  // Two shapes: an entry that stays has no field that says so.
  if (expiresAt === undefined) return { kind: 'put', revision, entry, previous };
  return { kind: 'put', revision, entry: { ...entry, expiresAt }, previous };
}

/** Commits to memory: every write is visible before its call returns. */
export function commitToMemory(options: {
  readonly map: RevisionedMap;
  readonly stamp: Stamp;
  readonly publish: (event: StoreEvent) => void;
}): Committer {
  const { map, stamp, publish } = options;
  return {
    isPending: () => false,
    settled: () => Promise.resolve(),
    commit(write) {
      const event = eventOf(write, map.revision + 1, stamp);
      map.apply(event);
      publish(event);
      return event;
    },
    problem: () => undefined,
    close: () => Promise.resolve(),
  };
}
