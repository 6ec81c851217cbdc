import { OwnedTimers } from '@fairway/host';
import type { Committer } from './committer.ts';
import { Expiry } from './expiry.ts';
import type { RevisionLogBounds } from './revision-log.ts';
import { RevisionWaiters } from './revision-waiters.ts';
import { RevisionedMap } from './revisioned-map.ts';
import type { StoreOptions } from './store-options.ts';
import {
  CompactedError,
  type CreateOutcome,
  type DeleteOutcome,
  FutureRevisionError,
  type KeyRange,
  type ListOptions,
  type ReadOptions,
  type Stamp,
  type Store,
  type StoreEntry,
  type StoreEvent,
  type StorePage,
  StoreUnavailableError,
  type UpdateOutcome,
  type WatchBatch,
  type WriteOptions,
} from './store.ts';
import type { ReadMissed } from './store-watcher.ts';
import { WatchFanOut, type WatchFanOutOptions, batchBounds } from './watch-fan-out.ts';

export interface RevisionedStoreParts extends StoreOptions {
  /** Where the revisions go on. */
  readonly revision: number;
  readonly entries: Iterable<StoreEntry>;
  readonly makeCommitter: (state: {
    readonly map: RevisionedMap;
    readonly stamp: Stamp;
    readonly publish: (event: StoreEvent) => void;
  }) => Committer;
}

/**
 * A store that keeps its state in memory and leaves the commit to a `Committer`.
 *
 * Reads and watches see committed writes only. A write to a key whose last write is still under
 * way waits for that one and then compares with its outcome: the caller cannot know a revision
 * that nobody has been told yet, so there is nothing to gain from going ahead.
 */
export class RevisionedStore implements Store {
  readonly #map: RevisionedMap;
  readonly #fanOut: WatchFanOut;
  readonly #committer: Committer;
  readonly #expiry: Expiry;
  readonly #waiters = new RevisionWaiters();
  readonly #timers: OwnedTimers | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: RevisionedStoreParts) {
    const { revision, progressIntervalMs: intervalMs = 5_000 } = parts;
    const clock = parts.clock === undefined ? undefined : new OwnedTimers(parts.clock);
    this.#timers = clock;
    this.#map = new RevisionedMap({ revision, bounds: historyBounds(parts), clock });
    for (const entry of parts.entries) this.#map.load(entry);
    const progress = clock === undefined ? undefined : { clock, intervalMs };
    this.#fanOut = new WatchFanOut({ revision, bounds: watchBounds(parts), progress });
    this.#committer = parts.makeCommitter({
      map: this.#map,
      stamp: parts.stamp ?? ((value) => value),
      publish: (event) => this.#publish(event),
    });
    this.#expiry = new Expiry({ clock, remove: (entry) => this.#removeExpired(entry) });
    for (const entry of parts.entries) this.#expiry.add(entry);
  }

  async get(key: string, options: ReadOptions = {}): Promise<StoreEntry | undefined> {
    this.#assertReached(options);
    return this.#map.get(key);
  }

  async list(range: KeyRange, options: ListOptions = {}): Promise<StorePage> {
    this.#assertReached(options);
    return this.#map.list(range, options);
  }

  async create(key: string, value: Uint8Array, options?: WriteOptions): Promise<CreateOutcome> {
    const expiresAt = this.#expiry.timeFor(options);
    while (this.#committer.isPending(key)) await this.#committer.settled(key);
    const current = this.#currentForWrite(key);
    if (current !== undefined) return { kind: 'exists', current };
    const write = { kind: 'put', key, value, previous: undefined, expiresAt } as const;
    return { kind: 'created', entry: entryOf(await this.#committer.commit(write)) };
  }

  async update(
    key: string,
    value: Uint8Array,
    expectedRevision: number,
    options?: WriteOptions,
  ): Promise<UpdateOutcome> {
    const expiresAt = this.#expiry.timeFor(options);
    while (this.#committer.isPending(key)) await this.#committer.settled(key);
    const current = this.#currentForWrite(key);
    if (current?.revision !== expectedRevision) return { kind: 'conflict', current };
    const write = { kind: 'put', key, value, previous: current, expiresAt } as const;
    return { kind: 'updated', entry: entryOf(await this.#committer.commit(write)) };
  }

  async delete(key: string, expectedRevision: number): Promise<DeleteOutcome> {
    while (this.#committer.isPending(key)) await this.#committer.settled(key);
    const current = this.#currentForWrite(key);
    if (current?.revision !== expectedRevision) return { kind: 'conflict', current };
    const event = await this.#committer.commit({ kind: 'delete', key, previous: current });
    return { kind: 'deleted', revision: event.revision, entry: entryOf(event) };
  }

  watch(range: KeyRange, after: number, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return { [Symbol.asyncIterator]: () => this.#startWatch({ range, after }, signal) };
  }

  async currentRevision(): Promise<number> {
    this.#assertOpen();
    return this.#map.revision;
  }

  async reached(revision: number, signal: AbortSignal): Promise<void> {
    this.#assertOpen();
    if (revision > this.#map.revision) await this.#waiters.wait(revision, signal);
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen();
    this.#map.compact(revision);
  }

  async problem(): Promise<string | undefined> {
    if (this.#closing !== undefined) return 'it is closed';
    return this.#committer.problem()?.reason;
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#timers?.[Symbol.dispose]();
    try {
      await this.#committer.close();
    } finally {
      this.#fanOut.close();
      this.#waiters.end(closed());
    }
  }

  #publish(event: StoreEvent): void {
    this.#fanOut.publish(event);
    if (event.previous !== undefined) this.#expiry.forget(event.previous);
    if (event.kind === 'put') this.#expiry.add(event.entry);
    this.#waiters.advance(event.revision);
  }

  async #removeExpired({ key, revision }: StoreEntry): Promise<void> {
    await this.delete(key, revision);
  }

  #startWatch(
    { range, after }: { range: KeyRange; after: number },
    signal: AbortSignal,
  ): AsyncIterator<WatchBatch> {
    try {
      this.#assertOpen();
      const isFuture = after > this.#map.revision;
      if (!isFuture) this.#map.assertKept(after);
      const readMissed: ReadMissed = (from) => this.#map.batchAfter(from, range, batchBounds);
      const start = { range, after, readMissed: isFuture ? undefined : readMissed };
      return this.#fanOut.join(start, signal);
    } catch (error) {
      if (!(error instanceof CompactedError || error instanceof StoreUnavailableError)) throw error;
      return failedWatch(error);
    }
  }

  // A key that UTF-8 cannot hold would come back as another one.
  #currentForWrite(key: string): StoreEntry | undefined {
    this.#assertOpen();
    if (key === '' || !key.isWellFormed()) {
      throw new RangeError(
        `not a key: ${JSON.stringify(key)}; it must be well-formed and not empty`,
      );
    }
    return this.#map.get(key);
  }

  #assertReached({ atLeast = 0 }: ReadOptions): void {
    this.#assertOpen();
    const { revision } = this.#map;
    if (atLeast > revision) throw new FutureRevisionError(atLeast, revision);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): StoreUnavailableError {
  return new StoreUnavailableError('the store is closed', { reason: 'it is closed' });
}

function historyBounds(options: StoreOptions): RevisionLogBounds {
  const { historyEventsMax = 50_000, historyBytesMax = 32 * 1024 * 1024 } = options;
  const { oldHistoryBytesMax = 16 * 1024 * 1024 } = options;
  return { historyEventsMax, historyBytesMax, oldHistoryBytesMax };
}

function watchBounds(options: StoreOptions): WatchFanOutOptions['bounds'] {
  const { watcherEventsMax = 10_000, watcherBytesMax = 32 * 1024 * 1024 } = options;
  const { watchersBytesMax = 128 * 1024 * 1024 } = options;
  return { watcherEventsMax, watcherBytesMax, watchersBytesMax };
}

function entryOf(event: StoreEvent): StoreEntry {
  return event.kind === 'put' ? event.entry : event.previous;
}

function failedWatch(error: Error): AsyncIterator<WatchBatch, undefined> {
  let told = false;
  return {
    async next() {
      if (told) return { done: true, value: undefined };
      told = true;
      throw error;
    },
  };
}
