import type { StoreEvent, WatchBatch } from './store.ts';

/** A batch that waits for any number of watchers, and what it keeps alive while it does. */
export interface SharedBatch {
  readonly batch: WatchBatch;
  readonly bytes: number;
  /** Older batches have smaller numbers. */
  readonly number: number;
  /** How many watchers it waits for. */
  holders: number;
}

/**
 * What waits for all watchers of a store together. A batch counts once, however many watchers wait
 * for it.
 */
export class WatchBacklog {
  #bytes = 0;
  #number = 0;

  get bytes(): number {
    return this.#bytes;
  }

  share(batch: WatchBatch, bytes: number): SharedBatch {
    return { batch, bytes, number: this.#number++, holders: 0 };
  }

  hold(shared: SharedBatch): void {
    if (shared.holders++ === 0) this.#bytes += shared.bytes;
  }

  release(shared: SharedBatch): void {
    if (--shared.holders === 0) this.#bytes -= shared.bytes;
  }
}

// An event and its entries as objects, roughly.
const eventBytes = 256;

/** What an event keeps alive that waits to be told: the value now and the value before. */
export function bytesKeptBy(event: StoreEvent): number {
  const now = event.kind === 'put' ? event.entry.value.length : 0;
  return eventBytes + now + (event.previous?.value.length ?? 0);
}
