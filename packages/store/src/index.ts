export { byteOrder } from './key-order.ts';
export { keyAfter, prefixRange, rangeTest, singleKeyRange } from './key-range.ts';
export { createMemoryStore } from './memory-store.ts';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';
export type { StoreOptions } from './store-options.ts';
export type { ValueSeal } from './value-seal.ts';
export {
  CompactedError,
  type CreateOutcome,
  type DeleteOutcome,
  FutureRevisionError,
  type KeyRange,
  type ListOptions,
  type ReadOptions,
  SlowWatcherError,
  type Stamp,
  type Store,
  type StoreEntry,
  type StoreEvent,
  type StorePage,
  StoreUnavailableError,
  type UpdateOutcome,
  type WatchBatch,
  type WriteOptions,
} from './store.ts';
