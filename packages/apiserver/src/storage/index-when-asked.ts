import type { KeyRange } from '@fairway/store';
import { type FollowedSource, followRange } from './follow-range.ts';
import { type EntryIndex, FollowedIndex } from './followed-index.ts';

/** An index of a range that is followed from the first question on: where nobody asks, nothing is read. */
export class IndexWhenAsked<Index extends EntryIndex> {
  readonly #range: KeyRange;
  readonly #source: FollowedSource;
  readonly #index: FollowedIndex<Index>;
  #followed: Promise<{ readonly ended: Promise<void> }> | undefined;

  constructor(range: KeyRange, make: () => Index, source: FollowedSource) {
    this.#range = range;
    this.#source = source;
    this.#index = new FollowedIndex(make);
  }

  /** Errors: what the store throws; who asks next tries again. */
  async current(): Promise<Index> {
    await (this.#followed ??= this.#follow());
    return this.#index.index;
  }

  /** Resolves when it is followed no more, after the signal of its source has aborted. */
  async ended(): Promise<void> {
    const followed = await this.#followed?.catch(() => undefined);
    await followed?.ended;
  }

  #follow(): Promise<{ readonly ended: Promise<void> }> {
    const following = followRange(this.#range, this.#index, this.#source);
    following.catch(() => (this.#followed = undefined));
    return following;
  }
}
