import { ApiError, apiError } from '@fairway/protocol';
import { sleep } from '@fairway/host';
import type { ServerParts } from '../verbs/call.ts';

const waitMs = 3_000;
const retryAfterSeconds = 1;
const pollMs = 50;

/**
 * Waits until the store has reached the resourceVersion that a caller has seen elsewhere, which on
 * another server of the same cluster may take a moment.
 *
 * Errors: 504 `ApiError` with cause `ResourceVersionTooLarge` after three seconds.
 */
export async function requireReachedRevision(
  { store, clock }: Pick<ServerParts, 'store' | 'clock'>,
  resourceVersion: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (resourceVersion === undefined || resourceVersion === '0') return;
  const wanted = Number(resourceVersion);
  const giveUpAt = clock.elapsed() + waitMs;
  for (let current = await store.currentRevision(); current < wanted;) {
    if (clock.elapsed() >= giveUpAt) throw tooLargeVersion(resourceVersion, current);
    await sleep(clock, pollMs, signal);
    current = await store.currentRevision();
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
