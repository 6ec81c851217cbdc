import type { RequestBounds } from '@fairway/apiserver';
import { parseDuration } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { truthOf } from '../flag-values.ts';

/** How many requests a server runs at once, by the flags of a kube-apiserver. */
export interface RequestFlags {
  readonly enablePriorityAndFairness?: string | boolean;
  readonly maxRequestsInflight?: string;
  readonly maxMutatingRequestsInflight?: string;
  readonly requestTimeout?: string;
  readonly minRequestTimeout?: string;
  readonly eventTtl?: string;
  readonly shutdownDelayDuration?: string;
}

/** How long what lasts. */
export interface ServerTimes {
  readonly requestTimeoutMs?: number;
  readonly watchTimeoutMsMin?: number;
  readonly eventsTimeToLiveMs?: number;
}

/**
 * Reads the flags together.
 *
 * Errors: `CommandError` for what is no count, and for nothing at all to share.
 */
export function readRequestFlags(flags: RequestFlags): RequestBounds {
  const isFair = truthOf('--enable-priority-and-fairness', flags.enablePriorityAndFairness) ?? true;
  const requestsMax = countOf('--max-requests-inflight', flags.maxRequestsInflight) ?? 400;
  const mutatingRequestsMax =
    countOf('--max-mutating-requests-inflight', flags.maxMutatingRequestsInflight) ?? 200;
  if (isFair && requestsMax + mutatingRequestsMax === 0) {
    const why = 'with fairness the two together are what all priority levels share';
    const flag = '--max-requests-inflight 0 and --max-mutating-requests-inflight 0';
    throw new CommandError(`cannot use ${flag}: ${why}; give one of them a count`);
  }
  return { isFair, requestsMax, mutatingRequestsMax };
}

/** Errors: `CommandError` for what is no time. */
export function readServerTimes(flags: RequestFlags): ServerTimes {
  const requestTimeoutMs = timeOf('--request-timeout', flags.requestTimeout, { leastMs: 1 });
  const watchSeconds = countOf('--min-request-timeout', flags.minRequestTimeout);
  if (watchSeconds === 0) throw notPositive('--min-request-timeout', '0');
  const eventsTimeToLiveMs = timeOf('--event-ttl', flags.eventTtl, { leastMs: 1 });
  return {
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(watchSeconds === undefined ? {} : { watchTimeoutMsMin: watchSeconds * 1_000 }),
    ...(eventsTimeToLiveMs === undefined ? {} : { eventsTimeToLiveMs }),
  };
}

/** Errors: `CommandError` for what is no time. */
export function readShutdownDelayMs({ shutdownDelayDuration }: RequestFlags): number {
  return timeOf('--shutdown-delay-duration', shutdownDelayDuration, { leastMs: 0 }) ?? 0;
}

/** A timer of Node.js can wait no longer. */
const timeMsMax = 2 ** 31 - 1;

function timeOf(
  flag: string,
  text: string | undefined,
  { leastMs }: { readonly leastMs: number },
): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  const shown = JSON.stringify(text);
  if (ms === undefined) {
    throw new CommandError(`cannot use ${flag} ${shown}: it is no time such as 1h, 30s or 1m30s`);
  }
  if (ms < leastMs) throw notPositive(flag, text);
  if (ms <= timeMsMax) return ms;
  throw new CommandError(`cannot use ${flag} ${shown}: it is longer than 24 days`);
}

function notPositive(flag: string, text: string): CommandError {
  return new CommandError(`cannot use ${flag} ${JSON.stringify(text)}: it is too short`);
}

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  const shown = JSON.stringify(text);
  throw new CommandError(`cannot use ${flag} ${shown}: it is no count from 0 to 9999999`);
}
