import type { Clock } from '@fairway/host';
import { byteOrder } from './key-order.ts';
import { rangeTest } from './key-range.ts';
import { OrderedMap } from './ordered-map.ts';
import { ownEntry, ownEvent } from './own-bytes.ts';
import { RevisionLog, type RevisionLogBounds } from './revision-log.ts';
import {
  FutureRevisionError,
  type KeyRange,
  type ListOptions,
  type StoreEntry,
  type StoreEvent,
  type StorePage,
  type WatchBatch,
} from './store.ts';
import { bytesKeptBy } from './watch-backlog.ts';

/**
 * The committed state of a store: what the keys hold now, and how it came about since the oldest
 * revision kept.
 */
export class RevisionedMap {
  readonly #entries = new OrderedMap<StoreEntry>();
  readonly #log: RevisionLog;
  #revision: number;

  constructor(start: {
    readonly revision: number;
    readonly bounds: RevisionLogBounds;
    readonly clock?: Clock | undefined;
  }) {
    this.#revision = start.revision;
    this.#log = new RevisionLog(start.revision, start.bounds, start.clock);
  }

  get revision(): number {
    return this.#revision;
  }

  /** Takes over an entry that was committed before this map began. */
  load(entry: StoreEntry): void {
    this.#entries.set(entry.key, entry);
  }

  get(key: string): StoreEntry | undefined {
    return this.#entries.get(key);
  }

  list(range: KeyRange, { limit = 0, revision = 0 }: ListOptions = {}): StorePage {
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
    if (revision === 0 || revision === this.#revision) {
      const entries = this.#entries.take(range, limit);
      const count =
        limit === 0 || entries.length < limit ? entries.length : this.#entries.count(range);
      return { revision: this.#revision, entries, count };
    }
    return this.#listPast(range, limit, revision);
  }

  /** Applies the change of the next revision. */
  apply(event: StoreEvent): void {
    if (event.kind === 'put') this.#entries.set(event.entry.key, event.entry);
    else this.#entries.delete(event.previous.key);
    this.#revision = event.revision;
    this.#log.append(event);
  }

  /** Errors: `CompactedError` when not all changes after `revision` are kept. */
  assertKept(revision: number): void {
    this.#log.assertKept(revision);
  }

  /**
   * The first changes of `range` after `revision`, in order, and whether they reach up to now.
   *
   * Errors: `CompactedError`.
   */
  batchAfter(
    revision: number,
    range: KeyRange,
    { batchEventsMax, batchBytesMax }: { batchEventsMax: number; batchBytesMax: number },
  ): { readonly batch: WatchBatch; readonly isLast: boolean } {
    const events: StoreEvent[] = [];
    let bytes = 0;
    const isInRange = rangeTest(range);
    for (const event of this.#log.after(revision)) {
      if (!isInRange(keyOf(event))) continue;
      // Whoever reads slowly must not keep whole slabs of the log alive.
      events.push(ownEvent(event));
      bytes += bytesKeptBy(event);
      if (events.length < batchEventsMax && bytes < batchBytesMax) continue;
      const isLast = event.revision === this.#revision;
      return { batch: { revision: event.revision, events }, isLast };
    }
    return { batch: { revision: this.#revision, events }, isLast: true };
  }

  /** Forgets the changes up to `revision`. Errors: `FutureRevisionError`. */
  compact(revision: number): void {
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
    this.#log.compact(revision);
  }

  // What a key held then is what its first change afterwards replaced.
  #listPast(range: KeyRange, limit: number, revision: number): StorePage {
    const undone = new Map<string, StoreEntry | undefined>();
    const isInRange = rangeTest(range);
    for (const event of this.#log.after(revision)) {
      const key = keyOf(event);
      if (isInRange(key) && !undone.has(key)) undone.set(key, event.previous);
    }
    let count = this.#entries.count(range);
    const entries: StoreEntry[] = [];
    for (const [key, previous] of undone) {
      if (this.#entries.get(key) !== undefined) count--;
      if (previous === undefined) continue;
      count++;
      entries.push(ownEntry(previous));
    }
    const candidates = this.#entries.take(range, limit === 0 ? 0 : limit + undone.size);
    for (const entry of candidates) if (!undone.has(entry.key)) entries.push(entry);
    entries.sort((left, right) => (byteOrder(left.key) < byteOrder(right.key) ? -1 : 1));
    return { revision, entries: limit === 0 ? entries : entries.slice(0, limit), count };
  }
}

/** The key that an event is about. */
export function keyOf(event: StoreEvent): string {
  return event.kind === 'put' ? event.entry.key : event.previous.key;
}
