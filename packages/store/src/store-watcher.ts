import { CompactedError, SlowWatcherError, type StoreEvent, type WatchBatch } from './store.ts';
import type { SharedBatch, WatchBacklog } from './watch-backlog.ts';

export interface WatcherStart {
  readonly after: number;
  /** Reads the changes before the watcher was added; absent: there were none. */
  readonly readMissed: ReadMissed | undefined;
  readonly bounds: WatcherBounds;
  readonly backlog: WatchBacklog;
  readonly onEnd: (watcher: StoreWatcher) => void;
}

/** The next batch after a revision, and whether it reaches up to now. Errors: `CompactedError`. */
export type ReadMissed = (after: number) => {
  readonly batch: WatchBatch;
  readonly isLast: boolean;
};

export interface WatcherBounds {
  readonly watcherEventsMax: number;
  readonly watcherBytesMax: number;
}

interface Waiting {
  readonly resolve: (result: IteratorResult<WatchBatch, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One consumer of a watch: a bounded queue of batches that it shares with its equals.
 *
 * What it missed before it came is read from the history as it asks for it, so that it holds
 * nothing of it, however much it is.
 */
export class StoreWatcher implements AsyncIterator<WatchBatch, undefined> {
  readonly #start: WatcherStart;
  #readMissed: ReadMissed | undefined;
  #queue: SharedBatch[] = [];
  #queueStart = 0;
  #queuedEvents = 0;
  #queuedBytes = 0;
  #offeredRevision: number;
  #toldRevision: number;
  readonly #waiting: Waiting[] = [];
  #end: { readonly error: Error | undefined } | undefined;

  constructor(start: WatcherStart) {
    this.#start = start;
    this.#readMissed = start.readMissed;
    this.#offeredRevision = start.after;
    this.#toldRevision = start.after;
  }

  /** The number of the oldest batch that this watcher keeps alive; `Infinity` when there is none. */
  get oldestKept(): number {
    for (let at = this.#queueStart; at < this.#queue.length; at++) {
      const shared = this.#queue[at];
      if (shared !== undefined && shared.bytes > 0) return shared.number;
    }
    return Infinity;
  }

  /** Hands over a batch that others may get as well. */
  offer(shared: SharedBatch): void {
    const { revision } = shared.batch;
    // A watcher that still reads the history will find this batch there.
    if (this.#readMissed !== undefined || this.#end !== undefined) return;
    if (revision <= this.#offeredRevision) return;
    this.#offeredRevision = revision;
    // There is hardly ever more than one, and the end of an array is cheaper to remove.
    const waiting = this.#waiting.length > 1 ? this.#waiting.shift() : this.#waiting.pop();
    if (waiting === undefined) this.#enqueue(shared);
    else waiting.resolve({ done: false, value: this.#tell(shared.batch) });
  }

  next(): Promise<IteratorResult<WatchBatch, undefined>> {
    if (this.#readMissed !== undefined) return this.#nextMissed(this.#readMissed);
    const shared = this.#queue[this.#queueStart];
    if (shared !== undefined) {
      this.#dequeue(shared);
      return Promise.resolve({ done: false, value: this.#tell(shared.batch) });
    }
    if (this.#end !== undefined) return this.#takeEnd(this.#end.error);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<WatchBatch, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  /** Ends the watch at once, with an error or without; what is still queued is dropped. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    // An error is thrown once, by the next read; after it the watch has ended.
    this.#end = { error: this.#waiting.length > 0 ? undefined : error };
    this.#readMissed = undefined;
    for (const shared of this.#queue.slice(this.#queueStart)) this.#start.backlog.release(shared);
    this.#queue = [];
    this.#queueStart = 0;
    this.#start.onEnd(this);
    for (const [index, waiting] of this.#waiting.splice(0).entries()) {
      if (index === 0 && error !== undefined) waiting.reject(error);
      else waiting.resolve({ done: true, value: undefined });
    }
  }

  #nextMissed(readMissed: ReadMissed): Promise<IteratorResult<WatchBatch, undefined>> {
    try {
      const { batch, isLast } = readMissed(this.#offeredRevision);
      if (isLast) this.#readMissed = undefined;
      this.#offeredRevision = batch.revision;
      return Promise.resolve({ done: false, value: this.#tell(batch) });
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      this.end(error);
      return this.#takeEnd(error);
    }
  }

  // Almost always the whole batch; a watcher that joined in the middle of it has had its beginning.
  #tell(batch: WatchBatch): WatchBatch {
    const told = this.#toldRevision;
    this.#toldRevision = batch.revision;
    const first: StoreEvent | undefined = batch.events[0];
    if (first === undefined || first.revision > told) return batch;
    const events = batch.events.filter((event) => event.revision > told);
    return { revision: batch.revision, events };
  }

  #enqueue(shared: SharedBatch): void {
    const { bounds, backlog } = this.#start;
    const last = this.#queue.at(-1);
    if (last !== undefined && last.batch.events.length === 0) {
      // Unread progress is dropped when a batch follows, whose revision says as much.
      backlog.release(last);
      this.#queue.pop();
    }
    this.#queue.push(shared);
    backlog.hold(shared);
    this.#queuedEvents += shared.batch.events.length;
    this.#queuedBytes += shared.bytes;
    if (this.#queuedEvents > bounds.watcherEventsMax) {
      this.end(
        new SlowWatcherError(`the watcher fell more than ${bounds.watcherEventsMax} events behind`),
      );
    } else if (this.#queuedBytes > bounds.watcherBytesMax) {
      this.end(
        new SlowWatcherError(`the watcher fell more than ${bounds.watcherBytesMax} bytes behind`),
      );
    }
  }

  #dequeue(shared: SharedBatch): void {
    this.#start.backlog.release(shared);
    this.#queuedEvents -= shared.batch.events.length;
    this.#queuedBytes -= shared.bytes;
    this.#queueStart++;
    // A watcher that is always a little behind must not keep all that it was ever given. The front
    // of an array is dear to remove: let go of it once it is half of the whole.
    if (this.#queueStart * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#queueStart);
    this.#queueStart = 0;
  }

  async #takeEnd(error: Error | undefined): Promise<IteratorResult<WatchBatch, undefined>> {
    this.#end = { error: undefined };
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }
}
