import { type Clock, type Logger, sleep } from '@fairway/host';
import type { KeyRange, Store, StoreEntry } from '@fairway/store';

/** Somebody who keeps a picture of a range of keys in memory. */
export interface RangeFollower {
  /** Everything there is, in place of what was known before. */
  readonly reset: (entries: readonly StoreEntry[]) => void | Promise<void>;
  readonly put: (entry: StoreEntry) => void;
  readonly delete: (previous: StoreEntry) => void;
}

const retryMs = 1_000;

/**
 * Gives a follower what a range holds, then every change, until `signal` aborts. A watch that
 * breaks is taken up again with a fresh picture.
 *
 * Resolves when the follower has the first picture; `ended` when it gets no more.
 */
export async function followRange(
  range: KeyRange,
  follower: RangeFollower,
  source: FollowedSource,
): Promise<{ readonly ended: Promise<void> }> {
  const after = await takePicture(range, follower, source);
  return { ended: keepFollowing(range, follower, { ...source, after }) };
}

/** A follower of what, where one follows several ranges. */
export interface FollowedRange {
  readonly range: KeyRange;
  readonly follower: RangeFollower;
}

/** The same for several ranges at once. */
export async function followRanges(
  ranges: readonly FollowedRange[],
  source: FollowedSource,
): Promise<{ readonly ended: Promise<void> }> {
  const followed = await Promise.all(
    ranges.map(({ range, follower }) => followRange(range, follower, source)),
  );
  return { ended: Promise.all(followed.map(({ ended }) => ended)).then(() => undefined) };
}

export interface FollowedSource {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Answers the revision that the picture is of. */
async function takePicture(
  range: KeyRange,
  follower: RangeFollower,
  { store }: Pick<FollowedSource, 'store'>,
): Promise<number> {
  const page = await store.list(range);
  await follower.reset(page.entries);
  return page.revision;
}

async function keepFollowing(
  range: KeyRange,
  follower: RangeFollower,
  { after, ...source }: FollowedSource & { readonly after: number },
): Promise<void> {
  const { store, clock, logger, signal } = source;
  let from: number | undefined = after;
  while (!signal.aborted) {
    try {
      from ??= await takePicture(range, follower, source);
      for await (const { events } of store.watch(range, from, signal)) {
        for (const event of events) {
          if (event.kind === 'put') follower.put(event.entry);
          else follower.delete(event.previous);
        }
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      logger.warn('a watch of the store broke and starts over', { range, error });
      from = undefined;
      await sleep(clock, retryMs, signal).catch(() => undefined);
    }
  }
}
