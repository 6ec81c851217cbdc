import { ApiError, type KubernetesObject } from '@fairway/protocol';
import { isExpired, isTooLargeResourceVersion, isTooManyRequests } from '../api-error-guards.ts';
import { isUnavailable } from '../is-unavailable.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import { spreadRetries } from '../transport/spread-retries.ts';
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
  { context, pace, logger, kind, signal }: Reflector<T>,
  next: State<T>,
  error: unknown,
): State<T> {
  const pacedMs = pace.nextDelayMs(isUnavailable(error) ? 'away' : 'refused');
  const askedMs = retryAfterMs(error);
  const delayMs =
    askedMs === undefined ? pacedMs : Math.max(pacedMs, spreadRetries(askedMs, context.random));
  if (!signal.aborted) {
    logger.warn('a watch was interrupted', { resource: kind.plural, error, retryInMs: delayMs });
  }
  return { phase: 'waiting', delayMs, next };
}

/** Continues with `next` after a random pause: other clients were cut off at the same time. */
export function waitToResume<T extends KubernetesObject>(
  { pace }: Reflector<T>,
  next: State<T>,
): State<T> {
  return { phase: 'waiting', delayMs: pace.resumeDelayMs(), next };
}

/** The server was away or asked for a later retry, so the resource version is still good. */
export function isBusy(error: unknown): boolean {
  if (error instanceof ConnectionError && error.isUnsent) return true;
  return isUnavailable(error) || isTooManyRequests(error);
}

/** The server has not got this version: not any more, or not yet. */
export function isVersionRefused(error: unknown): boolean {
  return isExpired(error) || isTooLargeResourceVersion(error);
}

function retryAfterMs(error: unknown): number | undefined {
  const { retryAfterSeconds } = (error instanceof ApiError && error.status.details) || {};
  if (retryAfterSeconds === undefined) return undefined;
  return Math.min(retryAfterSeconds * 1000, retryAfterMsMax);
}
