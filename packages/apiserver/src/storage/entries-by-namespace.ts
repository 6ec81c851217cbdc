import { type KeyRange, type StoreEntry } from '@fairway/store';
import type { EntryIndex } from './followed-index.ts';

/** The entries of a range of objects that are in namespaces, by these. */
export class EntriesByNamespace implements EntryIndex {
  readonly #range: KeyRange;
  readonly #namespaces = new Map<string, Map<string, StoreEntry>>();

  /** `range`: of the whole resource. */
  constructor(range: KeyRange) {
    this.#range = range;
  }

  /** By their keys; undefined when there is none. */
  of(namespace: string): ReadonlyMap<string, StoreEntry> | undefined {
    return this.#namespaces.get(namespace);
  }

  put(entry: StoreEntry): void {
    const namespace = this.#namespaceOf(entry);
    const entries = this.#namespaces.get(namespace);
    if (entries === undefined) this.#namespaces.set(namespace, new Map([[entry.key, entry]]));
    else entries.set(entry.key, entry);
  }

  delete(previous: StoreEntry): void {
    const namespace = this.#namespaceOf(previous);
    const entries = this.#namespaces.get(namespace);
    entries?.delete(previous.key);
    if (entries?.size === 0) this.#namespaces.delete(namespace);
  }

  #namespaceOf({ key }: StoreEntry): string {
    const start = this.#range.start.length;
    return key.slice(start, key.indexOf('/', start));
  }
}
