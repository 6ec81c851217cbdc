import type { Clock } from '@fairway/host';

/** How long somebody may take to answer. */
export interface AnswerTime {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What is said when the time is over. */
  readonly lateMessage: string;
}

/**
 * Asks, and reads the answer, in so much time for both together; `ask` gets a signal that ends with it.
 *
 * Errors: one with `lateMessage`, and whatever `ask` throws.
 */
export async function answerInTime<T>(
  { clock, timeoutMs, lateMessage }: AnswerTime,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = clock.schedule(timeoutMs, () => {
    const error = new Error(lateMessage);
    ending.abort(error);
    late.reject(error);
  });
  try {
    return await Promise.race([ask(ending.signal), late.promise]);
  } finally {
    timer.cancel();
  }
}
