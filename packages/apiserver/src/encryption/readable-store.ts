import { internalError } from '@fairway/protocol';
import type { KeyRange, Store, StoreEntry, WatchBatch } from '@fairway/store';
import type { EncryptionAtRest } from './encryption-at-rest.ts';

/**
 * The store for those who answer callers, where some entries could not be opened: whoever reads one, or a
 * list with one in it, is told which and why.
 *
 * Errors: InternalError `ApiError`.
 */
export function readableStore(store: Store, encryption: EncryptionAtRest): Store {
  const readable = (entry: StoreEntry): StoreEntry => {
    if (!encryption.isUnreadable(entry.key)) return entry;
    const value = encryption.reopen(entry.key, entry.value);
    if (typeof value === 'string') throw unreadable(entry.key, value);
    return { ...entry, value };
  };
  return {
    get: async (key, options) => {
      const entry = await store.get(key, options);
      return entry && readable(entry);
    },
    list: async (range, options) => {
      const page = await store.list(range, options);
      return encryption.unreadableCount === 0
        ? page
        : { ...page, entries: page.entries.map(readable) };
    },
    watch: (range, after, signal) => withoutUnreadable(store, encryption, { range, after, signal }),
    create: (...asked) => store.create(...asked),
    update: (...asked) => store.update(...asked),
    delete: (...asked) => store.delete(...asked),
    currentRevision: () => store.currentRevision(),
    reached: (...asked) => store.reached(...asked),
    compact: (revision) => store.compact(revision),
    problem: () => store.problem(),
    close: () => store.close(),
  };
}

/** The store for those who keep a picture of it: without what could not be opened. */
export function storeWithoutUnreadable(store: Store, encryption: EncryptionAtRest): Store {
  return {
    ...readableStore(store, encryption),
    list: async (range, options) => {
      const page = await store.list(range, options);
      const entries = page.entries.filter(({ key }) => !encryption.isUnreadable(key));
      return { ...page, entries };
    },
  };
}

/** What nobody could read ends without a word: its time to live was over. */
async function* withoutUnreadable(
  store: Store,
  encryption: EncryptionAtRest,
  asked: { readonly range: KeyRange; readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<WatchBatch> {
  for await (const batch of store.watch(asked.range, asked.after, asked.signal)) {
    const { events } = batch;
    const told = events.filter(
      (event) => event.kind === 'put' || !encryption.isUnreadable(event.previous.key),
    );
    yield told.length === events.length ? batch : { ...batch, events: told };
  }
}

function unreadable(key: string, why: string): Error {
  const remedy = 'give the key that it was written with in --encryption-provider-config';
  return internalError(`unable to transform key ${JSON.stringify(key)}: ${why}; ${remedy}`);
}
