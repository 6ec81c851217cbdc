import { giveWay } from '@fairway/host';
import type { StoreEntry } from '@fairway/store';
import type { RangeFollower } from './follow-range.ts';

/** What is known of the entries of a range, kept so that questions about them are look-ups. */
export interface EntryIndex {
  put(entry: StoreEntry): void;
  delete(previous: StoreEntry): void;
}

/**
 * An index that follows a range. While a fresh picture is taken in, questions are answered by what was
 * known before.
 */
export class FollowedIndex<Index extends EntryIndex> implements RangeFollower {
  readonly #make: () => Index;
  #index: Index;

  constructor(make: () => Index) {
    this.#make = make;
    this.#index = make();
  }

  get index(): Index {
    return this.#index;
  }

  async reset(entries: readonly StoreEntry[]): Promise<void> {
    const index = this.#make();
    for (const entry of entries) {
      await giveWay();
      index.put(entry);
    }
    this.#index = index;
  }

  put(entry: StoreEntry): void {
    this.#index.put(entry);
  }

  delete(previous: StoreEntry): void {
    this.#index.delete(previous);
  }
}
