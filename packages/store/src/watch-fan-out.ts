import type { Clock, Timer } from '@fairway/host';
import { RangeIndex } from './range-index.ts';
import { keyOf } from './revisioned-map.ts';
import { type ReadMissed, StoreWatcher, type WatcherBounds } from './store-watcher.ts';
import { type KeyRange, SlowWatcherError, type StoreEvent } from './store.ts';
import { WatchBacklog, bytesKeptBy } from './watch-backlog.ts';

/** A batch goes out before its turn of the event loop is over when it holds this much. */
export const batchBounds = { batchEventsMax: 1_000, batchBytesMax: 1024 * 1024 };

export interface WatchFanOutOptions {
  /** The newest revision that was published before. */
  readonly revision: number;
  readonly bounds: WatcherBounds & {
    /** What may wait for all watchers together; beyond it those furthest behind are ended. */
    readonly watchersBytesMax: number;
  };
  readonly progress: { readonly clock: Clock; readonly intervalMs: number } | undefined;
}

interface WatchStart {
  readonly range: KeyRange;
  readonly after: number;
  readonly readMissed: ReadMissed | undefined;
}

interface RangeGroup {
  readonly range: KeyRange;
  readonly watchers: Set<StoreWatcher>;
  unsent: StoreEvent[];
  unsentBytes: number;
}

/**
 * Brings every event to the watchers of its range, once per turn of the event loop.
 *
 * Watchers of the same range get the very same batch object, so that what one of them makes of a
 * batch (its bytes, say) can serve all.
 */
export class WatchFanOut {
  readonly #options: WatchFanOutOptions;
  readonly #groups = new RangeIndex<RangeGroup>();
  readonly #withUnsent = new Set<RangeGroup>();
  readonly #backlog = new WatchBacklog();
  #revision: number;
  #watcherCount = 0;
  #isFlushDue = false;
  #progressTimer: Timer | undefined;

  constructor(options: WatchFanOutOptions) {
    this.#options = options;
    this.#revision = options.revision;
  }

  /** Adds a watcher that first gets what it missed, then all that comes. */
  join({ range, after, readMissed }: WatchStart, signal: AbortSignal): StoreWatcher {
    const group = this.#group(range);
    const onAbort = (): void => watcher.end();
    const watcher = new StoreWatcher({
      after,
      readMissed,
      bounds: this.#options.bounds,
      backlog: this.#backlog,
      onEnd: (ended) => {
        signal.removeEventListener('abort', onAbort);
        this.#leave(group, ended);
      },
    });
    group.watchers.add(watcher);
    this.#watcherCount++;
    this.#scheduleProgress();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) watcher.end();
    return watcher;
  }

  publish(event: StoreEvent): void {
    this.#revision = event.revision;
    const { batchEventsMax, batchBytesMax } = batchBounds;
    this.#groups.visit(keyOf(event), (group) => {
      group.unsent.push(event);
      group.unsentBytes += bytesKeptBy(event);
      this.#withUnsent.add(group);
      const isFull = group.unsent.length >= batchEventsMax || group.unsentBytes >= batchBytesMax;
      if (isFull) this.#send(group);
    });
    if (this.#withUnsent.size > 0) this.#scheduleFlush();
  }

  /** Ends all watches. */
  close(): void {
    for (const group of this.#allGroups()) {
      for (const watcher of group.watchers) watcher.end();
    }
  }

  #group(range: KeyRange): RangeGroup {
    const known = this.#groups.get(range);
    if (known !== undefined) return known;
    const group: RangeGroup = { range, watchers: new Set(), unsent: [], unsentBytes: 0 };
    this.#groups.set(range, group);
    return group;
  }

  #leave(group: RangeGroup, watcher: StoreWatcher): void {
    group.watchers.delete(watcher);
    this.#watcherCount--;
    if (group.watchers.size > 0) return;
    this.#groups.delete(group.range);
    this.#withUnsent.delete(group);
  }

  #scheduleFlush(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      for (const group of this.#withUnsent) this.#send(group);
    });
  }

  #send(group: RangeGroup): void {
    const batch = { revision: this.#revision, events: group.unsent };
    const shared = this.#backlog.share(batch, group.unsentBytes);
    group.unsent = [];
    group.unsentBytes = 0;
    this.#withUnsent.delete(group);
    for (const watcher of group.watchers) watcher.offer(shared);
    const { watchersBytesMax } = this.#options.bounds;
    while (this.#backlog.bytes > watchersBytesMax && this.#watcherCount > 0) {
      this.#endFurthestBehind(watchersBytesMax);
    }
  }

  // To let go of the oldest batch, all for whom it waits have to go.
  #endFurthestBehind(watchersBytesMax: number): void {
    const watchers = this.#allGroups().flatMap((group) => [...group.watchers]);
    const oldest = watchers.reduce((least, each) => Math.min(least, each.oldestKept), Infinity);
    const why = `all watchers together fell more than ${watchersBytesMax} bytes behind, this one most`;
    for (const each of watchers) {
      if (each.oldestKept === oldest) each.end(new SlowWatcherError(why));
    }
  }

  #scheduleProgress(): void {
    const { progress } = this.#options;
    if (progress === undefined || this.#progressTimer !== undefined) return;
    this.#progressTimer = progress.clock.schedule(progress.intervalMs, () => {
      this.#progressTimer = undefined;
      for (const group of this.#allGroups()) this.#send(group);
      if (this.#watcherCount > 0) this.#scheduleProgress();
    });
  }

  #allGroups(): RangeGroup[] {
    return [...this.#groups.values()];
  }
}
