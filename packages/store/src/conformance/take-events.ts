import assert from 'node:assert/strict';
import { prefixRange } from '../key-range.ts';
import type { Store, StoreEvent, WatchBatch } from '../store.ts';

/** Every key of a store. */
export const all = prefixRange('/');

/** The first events of all keys after a revision. */
export function watched(store: Store, after: number, count: number): Promise<StoreEvent[]> {
  return take(store.watch(all, after, new AbortController().signal), count);
}

/** The first events of a watch, which ends then. */
export async function take(watch: AsyncIterable<WatchBatch>, count: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  if (count === 0) return events;
  for await (const batch of watch) {
    events.push(...batch.events);
    assert.ok(batch.revision >= (batch.events.at(-1)?.revision ?? 0));
    if (events.length >= count) break;
  }
  return events;
}
