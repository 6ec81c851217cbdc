import type { Clock, Timer } from '@fairway/host';
import { RangeIndex } from './range-index.ts';
import { keyOf } from './revisioned-map.ts';
import { StoreWatcher } from './store-watcher.ts';
import type { KeyRange, StoreEvent, WatchBatch } from './store.ts';

const batchEventsMax = 1_000;

export interface WatchFanOutOptions {
  /** The newest revision that was published before. */
  readonly revision: number;
  /** How many events a consumer may fall behind before its watch ends. */
  readonly watcherEventsMax: number;
  readonly progress: { readonly clock: Clock; readonly intervalMs: number } | undefined;
}

interface WatchStart {
  readonly range: KeyRange;
  readonly after: number;
  /** The events of `range` after `after` that have been published already. */
  readonly missed: readonly StoreEvent[];
}

interface RangeGroup {
  readonly range: KeyRange;
  readonly watchers: Set<StoreWatcher>;
  unsent: StoreEvent[];
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
  #revision: number;
  #watcherCount = 0;
  #isFlushDue = false;
  #progressTimer: Timer | undefined;

  constructor(options: WatchFanOutOptions) {
    this.#options = options;
    this.#revision = options.revision;
  }

  /** Adds a watcher that first gets what it missed, then all that comes. */
  join({ range, after, missed }: WatchStart, signal: AbortSignal): StoreWatcher {
    const group = this.#group(range);
    const onAbort = (): void => watcher.end();
    const watcher = new StoreWatcher({
      after,
      missed: after > this.#revision ? [] : batchesOf(missed, this.#revision),
      eventsMax: this.#options.watcherEventsMax,
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
    this.#groups.visit(keyOf(event), (group) => {
      group.unsent.push(event);
      this.#withUnsent.add(group);
      if (group.unsent.length >= batchEventsMax) this.#send(group);
    });
    if (this.#withUnsent.size > 0) this.#scheduleFlush();
  }

  /** Ends all watches. */
  close(): void {
    for (const group of this.#allGroups()) {
      for (const watcher of group.watchers) watcher.end();
    }
    this.#progressTimer?.cancel();
  }

  #group(range: KeyRange): RangeGroup {
    const known = this.#groups.get(range);
    if (known !== undefined) return known;
    const group: RangeGroup = { range, watchers: new Set(), unsent: [] };
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
    const batch: WatchBatch = { revision: this.#revision, events: group.unsent };
    group.unsent = [];
    this.#withUnsent.delete(group);
    for (const watcher of group.watchers) watcher.offer(batch);
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

// The last batch says that the watcher has caught up, even when there was nothing to catch up with.
function batchesOf(events: readonly StoreEvent[], revision: number): WatchBatch[] {
  const batches: WatchBatch[] = [];
  let from = 0;
  for (; events.length - from > batchEventsMax; from += batchEventsMax) {
    const part = events.slice(from, from + batchEventsMax);
    batches.push({ revision: part.at(-1)?.revision ?? revision, events: part });
  }
  batches.push({ revision, events: events.slice(from) });
  return batches;
}
