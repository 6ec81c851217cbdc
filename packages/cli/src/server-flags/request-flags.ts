import type { RequestBounds } from '@fairway/apiserver';
import { CommandError } from '../command-error.ts';
import { truthOf } from '../flag-values.ts';

/** How many requests a server runs at once, by the flags of a kube-apiserver. */
export interface RequestFlags {
  readonly enablePriorityAndFairness?: string | boolean;
  readonly maxRequestsInflight?: string;
  readonly maxMutatingRequestsInflight?: string;
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

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  const shown = JSON.stringify(text);
  throw new CommandError(`cannot use ${flag} ${shown}: it is no count from 0 to 9999999`);
}
