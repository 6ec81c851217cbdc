import type { Job } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { judgeFailure } from './failure-policy.ts';
import { type IndexSet, hasIndex, parseIndexes, withIndexes } from './index-set.ts';
import {
  failuresBefore,
  finishedAtMs,
  hasFailed,
  hasSucceeded,
  indexOf,
  isTracked,
} from './job-pods.ts';

type AnyPod = DeepReadonly<Pod>;
type AnyJob = DeepReadonly<Job>;

/** How far an indexed job has come with its indexes. */
export interface JobIndexes {
  readonly completions: number;
  /** As the status has them. */
  readonly counted: IndexSet;
  /** With those of pods that are not counted yet. */
  readonly succeeded: IndexSet;
  /** Given up; only where each index has a limit of its own. */
  readonly failed?: IndexSet;
  /** The last failed pod of each index that is to be tried again: what takes its place counts on from it. */
  readonly toReplace: ReadonlyMap<number, AnyPod>;
}

export function readIndexes(
  job: AnyJob,
  found: {
    readonly pods: readonly AnyPod[];
    readonly active: readonly AnyPod[];
    readonly completions: number;
  },
): JobIndexes {
  const { pods, active, completions } = found;
  const indexesOf = (some: readonly AnyPod[]): readonly number[] =>
    some.flatMap((pod) => indexOf(pod, completions) ?? []);
  const tracked = pods.filter(isTracked);
  const counted = parseIndexes(job.status?.completedIndexes ?? '', completions);
  const succeeded = withIndexes(counted, indexesOf(tracked.filter(hasSucceeded)));
  if (job.spec?.backoffLimitPerIndex === undefined) {
    return { completions, counted, succeeded, toReplace: new Map() };
  }
  const failed = withIndexes(
    parseIndexes(job.status?.failedIndexes ?? '', completions),
    indexesOf(tracked.filter((pod) => failsItsIndex(pod, job))),
  );
  const underWay = new Set(indexesOf(active));
  const isOpen = (index: number): boolean =>
    !underWay.has(index) && !hasIndex(succeeded, index) && !hasIndex(failed, index);
  const toReplace = new Map<number, AnyPod>();
  for (const pod of tracked.filter((each) => hasFailed(each, job))) {
    const index = indexOf(pod, completions);
    if (index === undefined || !isOpen(index)) continue;
    const other = toReplace.get(index);
    if (other === undefined || isLater(pod, other)) toReplace.set(index, pod);
  }
  return { completions, counted, succeeded, failed, toReplace };
}

/** How often the index of a failed pod has failed, with this pod. */
export function failuresWith(
  pod: AnyPod,
  { spec }: AnyJob,
): { readonly counted: number; readonly ignored: number } {
  const { counted, ignored } = failuresBefore(pod);
  const isIgnored = judgeFailure(spec?.podFailurePolicy, pod).action === 'Ignore';
  return isIgnored ? { counted, ignored: ignored + 1 } : { counted: counted + 1, ignored };
}

function failsItsIndex(pod: AnyPod, job: AnyJob): boolean {
  if (!hasFailed(pod, job)) return false;
  const { action } = judgeFailure(job.spec?.podFailurePolicy, pod);
  if (action === 'FailIndex') return true;
  if (action === 'Ignore') return false;
  return failuresBefore(pod).counted >= (job.spec?.backoffLimitPerIndex ?? 0);
}

function isLater(pod: AnyPod, other: AnyPod): boolean {
  const tries = (each: AnyPod): number => {
    const { counted, ignored } = failuresBefore(each);
    return counted + ignored;
  };
  return tries(pod) >= tries(other) && finishedAtMs(pod) >= finishedAtMs(other);
}
