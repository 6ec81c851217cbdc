import type { Clock } from '@fairway/host';
import { ApiError, apiError } from '@fairway/protocol';
import type { ReadOptions, Store } from '@fairway/store';

const waitMs = 3_000;
const retryAfterSeconds = 1;

/**
 * Waits until the store has reached the resourceVersion that a caller has seen elsewhere, which on
 * another server of the same cluster may take a moment. Answers how new what is read has to be.
 *
 * Errors: 504 `ApiError` with cause `ResourceVersionTooLarge` after three seconds.
 */
export async function requireReachedRevision(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  resourceVersion: string | undefined,
  signal: AbortSignal,
): Promise<ReadOptions> {
  if (resourceVersion === undefined) return {};
  const atLeast = Number(resourceVersion);
  if (atLeast === 0 || atLeast <= (await store.currentRevision())) return { atLeast };
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort();
  const timer = clock.schedule(waitMs, giveUp);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    if (signal.aborted) giveUp();
    await store.reached(atLeast, waiting.signal);
    return { atLeast };
  } catch (error) {
    signal.throwIfAborted();
    if (!waiting.signal.aborted) throw error;
    throw tooLargeVersion(resourceVersion, await store.currentRevision());
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', giveUp);
  }
}

/** The answer to a resourceVersion that this cluster has not reached. */
function tooLargeVersion(wanted: string, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return apiError('Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds,
  });
}
