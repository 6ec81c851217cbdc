import type { JobStatus } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { isBeingDeleted } from '@fairway/reconcile';
import type { JobEnding } from './ending.ts';
import { judgeFailure } from './failure-policy.ts';
import { type IndexSet, countIndexes, formatIndexes, hasIndex, withIndexes } from './index-set.ts';
import type { JobFacts } from './job-facts.ts';
import { hasFailed, hasSucceeded, indexOf, isTracked } from './job-pods.ts';

type AnyPod = DeepReadonly<Pod>;

/** Pods are let go only after the status knows of them: so each is counted once, whenever this is cut short. */
export interface Counting {
  readonly status: JobStatus;
  /** To lose their finalizer once this status is written. */
  readonly released: readonly AnyPod[];
  /** Whether that are all; the rest follows. */
  readonly isWhole: boolean;
}

/** Pods that a status names at the same time; more are taken in afterwards. */
const uncountedMax = 500;

/**
 * Takes the pods that have ended into a status: by uid, and those that succeeded in an indexed job by index.
 *
 * Source: KEP-2307, job tracking with finalizers.
 */
export function countPods(
  facts: JobFacts,
  before: JobStatus,
  ending: JobEnding | undefined,
): Counting {
  const tracked = facts.pods.filter(isTracked);
  const settled = settleCounts(before, uidsOf(tracked));
  const { succeeded = [], failed = [] } = settled.uncountedTerminatedPods ?? {};
  const known = new Set([...succeeded, ...failed]);
  const counted = { succeeded: [...succeeded], failed: [...failed], indexes: [] as number[] };
  const goers = inIndexOrder(tracked, facts).filter((pod) => mayGo(pod, facts, ending));
  const released: AnyPod[] = [];
  for (const pod of goers) {
    const count = counted.succeeded.length + counted.failed.length + counted.indexes.length;
    if (count >= uncountedMax) break;
    released.push(pod);
    take(pod);
  }
  const status = {
    ...settled,
    uncountedTerminatedPods: uncounted(counted.succeeded, counted.failed),
    ...indexCounts(facts, counted.indexes),
  };
  return { status, released, isWhole: released.length === goers.length };

  function take(pod: AnyPod): void {
    const uid = pod.metadata?.uid ?? '';
    if (known.has(uid)) return;
    const { indexes } = facts;
    const index = indexes === undefined ? undefined : indexOf(pod, indexes.completions);
    // A pod of no index that there is counts as nothing.
    if (indexes !== undefined && index === undefined) return;
    if (!hasSucceeded(pod)) {
      if (countsAsFailed(pod, facts, ending)) counted.failed.push(uid);
    } else if (indexes === undefined || index === undefined) counted.succeeded.push(uid);
    else if (!hasIndex(indexes.counted, index)) counted.indexes.push(index);
  }
}

/** Counts those of the uids in a status whose pods have no finalizer any more, or are gone. */
export function settleCounts(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = (uids: readonly string[]): readonly string[] =>
    uids.filter((uid) => tracked.has(uid));
  const settledOf = (uids: readonly string[]): number => uids.length - left(uids).length;
  return {
    ...status,
    ...plus('succeeded', status.succeeded, settledOf(succeeded)),
    ...plus('failed', status.failed, settledOf(failed)),
    uncountedTerminatedPods: uncounted(left(succeeded), left(failed)),
  };
}

export function uidsOf(pods: readonly AnyPod[]): ReadonlySet<string> {
  return new Set(pods.map(({ metadata }) => metadata?.uid ?? ''));
}

/** Whether a pod needs to stay for its job no longer. */
function mayGo(pod: AnyPod, { job, indexes }: JobFacts, ending: JobEnding | undefined): boolean {
  if (isBeingDeleted(job) || ending !== undefined || hasSucceeded(pod)) return true;
  if (!hasFailed(pod, job)) return false;
  // What takes its place counts on from it: until there is one, only the pod knows how often its index failed.
  const index = indexes === undefined ? undefined : indexOf(pod, indexes.completions);
  return index === undefined || indexes?.toReplace.get(index) !== pod;
}

/** When a job has failed, so have all its pods that have not succeeded. */
function countsAsFailed(pod: AnyPod, { job }: JobFacts, ending: JobEnding | undefined): boolean {
  if (!hasFailed(pod, job) && ending?.type !== 'FailureTarget') return false;
  return judgeFailure(job.spec?.podFailurePolicy, pod).action !== 'Ignore';
}

function inIndexOrder(pods: readonly AnyPod[], { indexes }: JobFacts): readonly AnyPod[] {
  if (indexes === undefined) return pods;
  const place = (pod: AnyPod): number => indexOf(pod, indexes.completions) ?? -1;
  return pods.toSorted((one, other) => place(one) - place(other));
}

function indexCounts(
  { indexes }: JobFacts,
  newlyCounted: readonly number[],
): Pick<JobStatus, 'succeeded' | 'completedIndexes' | 'failedIndexes'> {
  if (indexes === undefined) return {};
  const completed: IndexSet = withIndexes(indexes.counted, newlyCounted);
  const isNone = completed.length === 0;
  return {
    ...(isNone
      ? {}
      : { succeeded: countIndexes(completed), completedIndexes: formatIndexes(completed) }),
    ...(indexes.failed === undefined ? {} : { failedIndexes: formatIndexes(indexes.failed) }),
  };
}

function uncounted(
  succeeded: readonly string[],
  failed: readonly string[],
): JobStatus['uncountedTerminatedPods'] & object {
  return {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
}

function plus(
  name: 'succeeded' | 'failed',
  before: number | undefined,
  more: number,
): Pick<JobStatus, 'succeeded' | 'failed'> {
  return more === 0 ? {} : { [name]: (before ?? 0) + more };
}
