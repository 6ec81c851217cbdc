import type { StoreEntry, StoreEvent } from './store.ts';

/**
 * Many entries as one message between threads: their bytes lie in one buffer, which is handed over
 * and not copied again.
 */
export interface EntryPage {
  readonly keys: string[];
  readonly revisions: number[];
  readonly createRevisions: number[];
  /** Where each value ends in `bytes`; -1 for a key that was deleted. */
  readonly ends: number[];
  readonly bytes: ArrayBuffer;
}

/** What was read or written of one key; a deletion has no value. */
export interface PageEntry {
  readonly key: string;
  readonly revision: number;
  readonly createRevision: number;
  readonly value: Uint8Array | undefined;
}

export function packPage(entries: readonly PageEntry[]): EntryPage {
  const sizeBytes = entries.reduce((sum, entry) => sum + (entry.value?.length ?? 0), 0);
  const bytes = new Uint8Array(sizeBytes);
  let end = 0;
  const ends = entries.map(({ value }) => {
    if (value === undefined) return -1;
    bytes.set(value, end);
    end += value.length;
    return end;
  });
  return {
    keys: entries.map((entry) => entry.key),
    revisions: entries.map((entry) => entry.revision),
    createRevisions: entries.map((entry) => entry.createRevision),
    ends,
    bytes: bytes.buffer,
  };
}

/** The entries of a page; their values are views of its one buffer. */
export function unpackPage(page: EntryPage): PageEntry[] {
  let start = 0;
  return page.keys.map((key, index) => {
    const end = page.ends[index] ?? -1;
    const value = end === -1 ? undefined : new Uint8Array(page.bytes, start, end - start);
    if (value !== undefined) start = end;
    const revision = page.revisions[index] ?? 0;
    return { key, value, revision, createRevision: page.createRevisions[index] ?? revision };
  });
}

/** The change of an event as a journal keeps it. */
export function pageEntryOf(event: StoreEvent): PageEntry {
  if (event.kind === 'put') return event.entry;
  const { key, createRevision } = event.previous;
  return { key, createRevision, revision: event.revision, value: undefined };
}

/** The entries that a page holds, leaving out deletions. */
export function storedEntries(page: EntryPage): StoreEntry[] {
  return unpackPage(page).flatMap(({ value, ...entry }) =>
    value === undefined ? [] : [{ ...entry, value }],
  );
}
