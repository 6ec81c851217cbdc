/** What came of work that was begun in growing batches. */
export interface SlowStart<T> {
  readonly done: readonly T[];
  /** The first failure, after which no further batch was begun. */
  readonly failure?: unknown;
}

/**
 * Does something `count` times, told which time it is from 0: once, then twice as often with each batch that went well. What is refused
 * by a quota, say, is not asked for a thousand times.
 */
export async function slowStart<T>(
  count: number,
  work: (at: number) => Promise<T>,
): Promise<SlowStart<T>> {
  const done: T[] = [];
  for (let batch = 1; done.length < count; batch *= 2) {
    const size = Math.min(batch, count - done.length);
    const first = done.length;
    const outcomes = await Promise.allSettled(
      Array.from({ length: size }, (_, at) => work(first + at)),
    );
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') done.push(outcome.value);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) return { done, failure: failed.reason };
  }
  return { done };
}
