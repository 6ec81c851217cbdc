import type { KeyState } from './entry-page.ts';
import { ownEntry } from './own-bytes.ts';
import type { StoreEntry } from './store.ts';

/** How values lie on the disk, where that is not how they are kept in memory. */
export interface ValueSeal {
  /** What is written of a value. */
  seal(key: string, value: Uint8Array): Uint8Array;
  /** The value of what was written; what cannot be opened is kept as it is. */
  open(key: string, stored: Uint8Array): Uint8Array;
  /** The key holds nothing any more. */
  forget(key: string): void;
}

export function sealed(
  seal: ValueSeal | undefined,
  states: readonly KeyState[],
): readonly KeyState[] {
  if (seal === undefined) return states;
  return states.map(({ key, entry }) => {
    if (entry !== undefined) {
      return { key, entry: { ...entry, value: seal.seal(key, entry.value) } };
    }
    seal.forget(key);
    return { key, entry };
  });
}

export function opened(
  seal: ValueSeal | undefined,
  entries: readonly StoreEntry[],
): readonly StoreEntry[] {
  if (seal === undefined) return entries;
  return entries.map((entry) => {
    const value = seal.open(entry.key, entry.value);
    return value === entry.value ? entry : ownEntry({ ...entry, value });
  });
}
