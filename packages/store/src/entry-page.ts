import { ownEntry } from './own-bytes.ts';
import type { StoreEntry, StoreEvent } from './store.ts';

/**
 * Many keys as one message between threads: their bytes lie in one buffer, which is handed over
 * and not copied again.
 */
export interface EntryPage {
  readonly keys: string[];
  readonly revisions: number[];
  readonly createRevisions: number[];
  /** 0 for an entry that stays. */
  readonly expiresAt: number[];
  /** Where each value ends in `bytes`; -1 for a key that holds nothing. */
  readonly ends: number[];
  readonly bytes: ArrayBuffer;
}

/** What a key holds; nothing when it was deleted. */
export interface KeyState {
  readonly key: string;
  readonly entry: StoreEntry | undefined;
}

export function packPage(states: readonly KeyState[]): EntryPage {
  const sizeBytes = states.reduce((sum, { entry }) => sum + (entry?.value.length ?? 0), 0);
  const bytes = new Uint8Array(sizeBytes);
  let end = 0;
  const ends = states.map(({ entry }) => {
    if (entry === undefined) return -1;
    bytes.set(entry.value, end);
    end += entry.value.length;
    return end;
  });
  return {
    keys: states.map(({ key }) => key),
    revisions: states.map(({ entry }) => entry?.revision ?? 0),
    createRevisions: states.map(({ entry }) => entry?.createRevision ?? 0),
    expiresAt: states.map(({ entry }) => entry?.expiresAt ?? 0),
    ends,
    bytes: bytes.buffer,
  };
}

/** The keys of a page; their values are views of its one buffer. */
export function unpackPage(page: EntryPage): KeyState[] {
  let start = 0;
  return page.keys.map((key, index) => {
    const end = page.ends[index] ?? -1;
    if (end === -1) return { key, entry: undefined };
    const value = new Uint8Array(page.bytes, start, end - start);
    start = end;
    const revision = page.revisions[index] ?? 0;
    const entry = { key, value, revision, createRevision: page.createRevisions[index] ?? revision };
    const expiresAt = page.expiresAt[index] ?? 0;
    return { key, entry: expiresAt === 0 ? entry : { ...entry, expiresAt } };
  });
}

/** What an event leaves behind, as a journal keeps it. */
export function stateAfter(event: StoreEvent): KeyState {
  if (event.kind === 'put') return { key: event.entry.key, entry: event.entry };
  return { key: event.previous.key, entry: undefined };
}

/** The entries that a page holds, to be kept without the page. */
export function storedEntries(page: EntryPage): StoreEntry[] {
  return unpackPage(page).flatMap(({ entry }) => (entry === undefined ? [] : ownEntry(entry)));
}
