import { isNamespaceTerminating } from '@fairway/client';

/** What came of work that was begun in growing batches. */
export interface SlowStart<T> {
  /** Fewer than there was to do where no further batch was begun. */
  readonly done: readonly T[];
  /** The first failure. There is none where the namespace is being emptied: it takes no more. */
  readonly failure?: unknown;
}

/**
 * Makes something of items: of one, then of twice as many with each batch that went well. What is refused by a
 * quota, say, is not asked for a thousand times.
 */
export async function slowStart<Item, T>(
  items: readonly Item[],
  make: (item: Item) => Promise<T>,
): Promise<SlowStart<T>> {
  const done: T[] = [];
  for (let size = 1; done.length < items.length; size *= 2) {
    const batch = items.slice(done.length, done.length + size);
    const outcomes = await Promise.allSettled(batch.map(make));
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') done.push(outcome.value);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) continue;
    return isNamespaceTerminating(failed.reason) ? { done } : { done, failure: failed.reason };
  }
  return { done };
}
