import { SlowWatcherError, type StoreEvent, type WatchBatch } from './store.ts';

export interface WatcherStart {
  readonly after: number;
  /** What happened after `after` and before the watcher was there to be told. */
  readonly missed: readonly WatchBatch[];
  readonly eventsMax: number;
  readonly onEnd: (watcher: StoreWatcher) => void;
}

interface Waiting {
  readonly resolve: (result: IteratorResult<WatchBatch, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/** One consumer of a watch: a bounded queue of batches that it shares with its equals. */
export class StoreWatcher implements AsyncIterator<WatchBatch, undefined> {
  readonly #start: WatcherStart;
  #queue: WatchBatch[];
  #queueStart = 0;
  #queuedEvents: number;
  readonly #queuedEventsMax: number;
  #offeredRevision: number;
  readonly #waiting: Waiting[] = [];
  #end: { readonly error: Error | undefined } | undefined;

  constructor(start: WatcherStart) {
    this.#start = start;
    this.#queue = [...start.missed];
    this.#queuedEvents = start.missed.reduce((sum, batch) => sum + batch.events.length, 0);
    // What was missed is bounded by the history already; the bound is for falling behind since.
    this.#queuedEventsMax = this.#queuedEvents + start.eventsMax;
    this.#offeredRevision = start.missed.at(-1)?.revision ?? start.after;
  }

  /** Hands over a batch that others may get as well. */
  offer(shared: WatchBatch): void {
    const isNews = shared.revision > this.#offeredRevision;
    if (this.#end !== undefined || !isNews) return;
    const batch = newerThan(this.#offeredRevision, shared);
    this.#offeredRevision = batch.revision;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#enqueue(batch);
    else waiting.resolve({ done: false, value: batch });
  }

  next(): Promise<IteratorResult<WatchBatch, undefined>> {
    const batch = this.#queue[this.#queueStart];
    if (batch !== undefined) {
      this.#dequeue(batch);
      return Promise.resolve({ done: false, value: batch });
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
    // An error is told once, to whoever asks first; after it there is only the end.
    this.#end = { error: this.#waiting.length > 0 ? undefined : error };
    this.#queue = [];
    this.#queueStart = 0;
    this.#queuedEvents = 0;
    this.#start.onEnd(this);
    for (const [index, waiting] of this.#waiting.splice(0).entries()) {
      if (index === 0 && error !== undefined) waiting.reject(error);
      else waiting.resolve({ done: true, value: undefined });
    }
  }

  #enqueue(batch: WatchBatch): void {
    const lastIndex = this.#queue.length - 1;
    const isLastProgress =
      lastIndex >= this.#queueStart && this.#queue[lastIndex]?.events.length === 0;
    if (isLastProgress) this.#queue[lastIndex] = batch;
    else this.#queue.push(batch);
    this.#queuedEvents += batch.events.length;
    if (this.#queuedEvents > this.#queuedEventsMax) {
      this.end(new SlowWatcherError(this.#start.eventsMax));
    }
  }

  #dequeue(batch: WatchBatch): void {
    this.#queuedEvents -= batch.events.length;
    this.#queueStart++;
    if (this.#queueStart < this.#queue.length) return;
    this.#queue = [];
    this.#queueStart = 0;
  }

  async #takeEnd(error: Error | undefined): Promise<IteratorResult<WatchBatch, undefined>> {
    this.#end = { error: undefined };
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }
}

// Almost always the whole batch; a watcher that joined in the middle of it has had its beginning.
function newerThan(revision: number, batch: WatchBatch): WatchBatch {
  const first: StoreEvent | undefined = batch.events[0];
  if (first === undefined || first.revision > revision) return batch;
  const events = batch.events.filter((event) => event.revision > revision);
  return { revision: batch.revision, events };
}
