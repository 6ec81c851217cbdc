import { ApiError, type KubernetesObject } from '@fairway/protocol';
import { isExpired, isTooLargeResourceVersion, isTooManyRequests } from '../api-error-guards.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import type { Reflector, State } from './reflect-state.ts';

const retryAfterMsMax = 120_000;

/** Begins with everything again, after a while. */
export function startAgain<T extends KubernetesObject>(
  reflector: Reflector<T>,
  from: { readonly version: string; readonly isVersionLost: boolean },
  error: unknown,
): State<T> {
  return waitBefore(reflector, { phase: 'starting', ...from }, error);
}

/** Goes on with `next` after a while: a longer one each time, and not before the server wants. */
export function waitBefore<T extends KubernetesObject>(
  { pace, logger, kind, signal }: Reflector<T>,
  next: State<T>,
  error: unknown,
): State<T> {
  const delayMs = Math.max(pace.nextDelayMs(), retryAfterMs(error));
  if (!signal.aborted) {
    logger.warn('a watch was interrupted', { resource: kind.plural, error, retryInMs: delayMs });
  }
  return { phase: 'waiting', delayMs, next };
}

/** Nobody was there to answer, or the server wants to be asked later: what is known still holds. */
export function isBusy(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.problem === 'refused' || error.isUnsent;
  return isTooManyRequests(error);
}

/** The server has not got this version: not any more, or not yet. */
export function isVersionRefused(error: unknown): boolean {
  return isExpired(error) || isTooLargeResourceVersion(error);
}

function retryAfterMs(error: unknown): number {
  if (!(error instanceof ApiError)) return 0;
  const { retryAfterSeconds = 0 } = error.status.details ?? {};
  return Math.min(retryAfterSeconds * 1000, retryAfterMsMax);
}
