import { type Clock, type Random, sleep } from '@fairway/host';
import type { Handler, HttpRequest } from '@fairway/protocol';
import { retryAfterSeconds } from './retry-after.ts';
import { discardBody } from './add-credentials.ts';
import { isLongRunning, isResendable } from './attempt.ts';
import { ConnectionError } from './connection-error.ts';
import type { Admit } from './limit-rate.ts';
import { spreadRetries } from './spread-retries.ts';

/** After this many retries the last answer is returned. */
const retriesMax = 10;
/** A server that wants to be left alone for longer than this is not waited for. */
const retryAfterMsMax = 10 * 60_000;
/** How long a GET waits at least whose connection was cut. */
const pauseAfterCutMs = 500;

/** A request that may say that it is sent once only. */
export interface RepeatableRequest extends HttpRequest {
  readonly isRetryWanted?: boolean;
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly onRetry?: (retry: Retry) => void;
  /** Asked before each repetition, too. */
  readonly admit?: Admit;
}

/** Why a request is sent once more, and when. */
export interface Retry {
  readonly request: HttpRequest;
  /** 1 for the first. */
  readonly retry: number;
  readonly delayMs: number;
}

/**
 * Sends a request again when the server asks for it (429 or 5xx with Retry-After in seconds), or
 * when the connection of a GET was cut before there was an answer. Not what cannot be sent again.
 */
export function retryRequests(options: RetryOptions, next: Handler): Handler {
  const { clock, random, onRetry, admit } = options;
  return async (request: RepeatableRequest) => {
    const isRepeatable = isResendable(request) && request.isRetryWanted !== false;
    for (let retry = 1; ; retry++) {
      const isLast = retry > retriesMax || !isRepeatable;
      const outcome = await next(request).catch((error: unknown) => {
        if (isLast || !isWorthRepeating(error, request)) throw error;
        return undefined;
      });
      const askedMs = outcome === undefined ? pauseAfterCutMs : requestedDelayMs(outcome);
      if (outcome !== undefined && (askedMs === undefined || isLast)) return outcome;
      const delayMs = spreadRetries(askedMs ?? 0, random);
      onRetry?.({ request, retry, delayMs });
      await discardBody(outcome?.body);
      await sleep(clock, delayMs, request.signal);
      await admit?.(request);
    }
  };
}

function requestedDelayMs(response: Parameters<typeof retryAfterSeconds>[0]): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined;
  const seconds = retryAfterSeconds(response);
  return seconds === undefined || seconds * 1_000 > retryAfterMsMax ? undefined : seconds * 1_000;
}

function isWorthRepeating(error: unknown, request: HttpRequest): boolean {
  if (!(error instanceof ConnectionError) || request.signal.aborted) return false;
  return error.problem === 'reset' && request.method === 'GET' && !isLongRunning(request);
}
