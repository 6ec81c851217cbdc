import type { Job } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { isPodActive, isPodTerminating } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';
import { judgeFailure } from './failure-policy.ts';
import { countIndexes } from './index-set.ts';
import { type JobIndexes, readIndexes } from './job-indexes.ts';
import { hasFailed, hasSucceeded, indexOf, isTracked } from './job-pods.ts';

type AnyPod = DeepReadonly<Pod>;

/** What a job and its pods tell about each other at a moment. */
export interface JobFacts {
  readonly job: DeepReadonly<Job>;
  readonly nowMs: number;
  readonly pods: readonly AnyPod[];
  readonly active: readonly AnyPod[];
  readonly terminating: readonly AnyPod[];
  /** Pods that have ended and of which the status does not know. */
  readonly newlySucceeded: readonly AnyPod[];
  readonly newlyFailed: readonly AnyPod[];
  /** With those that are not counted yet. */
  readonly succeededCount: number;
  readonly failedCount: number;
  /** Of an indexed job. */
  readonly indexes?: JobIndexes;
}

export function jobFacts(job: DeepReadonly<Job>, pods: readonly AnyPod[], nowMs: number): JobFacts {
  const { spec, status = {} } = job;
  const { succeeded: counting = [], failed: countingFailed = [] } =
    status.uncountedTerminatedPods ?? {};
  const known = new Set([...counting, ...countingFailed]);
  const completions = spec?.completions ?? 0;
  const isIndexed = spec?.completionMode === 'Indexed';
  const isNew = (pod: AnyPod): boolean =>
    isTracked(pod) &&
    !known.has(pod.metadata?.uid ?? '') &&
    (!isIndexed || indexOf(pod, completions) !== undefined);
  const newlySucceeded = pods.filter((pod) => hasSucceeded(pod) && isNew(pod));
  const newlyFailed = pods.filter((pod) => hasFailed(pod, job) && isNew(pod));
  const countedFailures = newlyFailed.filter(
    (pod) => judgeFailure(spec?.podFailurePolicy, pod).action !== 'Ignore',
  );
  const active = pods.filter(isPodActive);
  const indexes = isIndexed ? readIndexes(job, { pods, active, completions }) : undefined;
  const counted = (status.succeeded ?? 0) + counting.length + newlySucceeded.length;
  return {
    job,
    nowMs,
    pods,
    active,
    terminating: pods.filter(isPodTerminating),
    newlySucceeded,
    newlyFailed,
    succeededCount: indexes === undefined ? counted : countIndexes(indexes.succeeded),
    failedCount: (status.failed ?? 0) + countingFailed.length + countedFailures.length,
    ...(indexes === undefined ? {} : { indexes }),
  };
}
