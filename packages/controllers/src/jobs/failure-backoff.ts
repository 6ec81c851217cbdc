import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { JobFacts } from './job-facts.ts';
import { finishedAtMs, hasFailed, hasSucceeded } from './job-pods.ts';

/** Failures of a job's pods since one has succeeded. */
export interface FailureBackoff {
  readonly failures: number;
  readonly lastFailureMs: number;
}

export const noBackoff: FailureBackoff = { failures: 0, lastFailureMs: 0 };

const firstDelayMs = 10_000;
const delayMsMax = 600_000;

/** The backoffs of jobs. Nothing is remembered of one that is over or gone. */
export class JobBackoffs {
  /** By the key of the job: a job that comes after another of its name begins anew. */
  readonly #known = new Map<string, { readonly uid: string; readonly backoff: FailureBackoff }>();

  /** Jobs of which something is remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** With what has ended since; what is not remembered is made out of the pods that there still are. */
  next(key: string, { job, pods, newlySucceeded, newlyFailed }: JobFacts): FailureBackoff {
    const known = this.#known.get(key);
    return known === undefined || known.uid !== job.metadata?.uid
      ? backoffAfter(noBackoff, {
          succeeded: pods.filter(hasSucceeded),
          failed: pods.filter((pod) => hasFailed(pod, job)),
        })
      : backoffAfter(known.backoff, { succeeded: newlySucceeded, failed: newlyFailed });
  }

  remember(key: string, { job }: JobFacts, backoff: FailureBackoff): void {
    this.#known.set(key, { uid: job.metadata?.uid ?? '', backoff });
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}

/** Takes in what has ended meanwhile: a success starts anew. */
export function backoffAfter(
  before: FailureBackoff,
  {
    succeeded,
    failed,
  }: {
    readonly succeeded: readonly DeepReadonly<Pod>[];
    readonly failed: readonly DeepReadonly<Pod>[];
  },
): FailureBackoff {
  if (succeeded.length === 0 && failed.length === 0) return before;
  const lastSuccessMs = Math.max(...succeeded.map(finishedAtMs));
  const failures = failed.map(finishedAtMs).filter((atMs) => atMs > lastSuccessMs);
  const earlier = succeeded.length === 0 ? before : noBackoff;
  return {
    failures: earlier.failures + failures.length,
    lastFailureMs: Math.max(earlier.lastFailureMs, ...failures),
  };
}

/** How long until the next pod may be made: 10 s after the first failure, twice as long with each, 10 min at most. */
export function remainingBackoffMs(
  { failures, lastFailureMs }: FailureBackoff,
  nowMs: number,
): number {
  if (failures === 0) return 0;
  const delayMs = Math.min(firstDelayMs * 2 ** (failures - 1), delayMsMax);
  return Math.max(0, lastFailureMs + delayMs - nowMs);
}
