/** Waits for all works to end; answers why the first of those that failed did, or undefined. */
export async function firstFailure(works: readonly Promise<unknown>[]): Promise<unknown> {
  const outcomes = await Promise.allSettled(works);
  return outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
}
