import type { Pod } from '@fairway/kinds/core/v1';
import { isPodTerminating } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';
import { isBeingDeleted } from '@fairway/reconcile';
import { inDeletionOrder } from '../pods/deletion-order.ts';
import { type JobEnding, endingOf } from './ending.ts';
import { type FailureBackoff, remainingBackoffMs } from './failure-backoff.ts';
import { firstMissing, union, withIndexes } from './index-set.ts';
import type { JobFacts } from './job-facts.ts';
import { type JobIndexes, failuresWith } from './job-indexes.ts';
import { finishedAtMs, indexOf, waitsForFailure } from './job-pods.ts';
import { newIndexedPod, newJobPod } from './new-job-pod.ts';

type AnyPod = DeepReadonly<Pod>;

/** What a job needs next of its pods. */
export type NextStep =
  /** Its end: the pods that are left go, and count as what they came to. */
  | { readonly kind: 'end'; readonly ending: JobEnding; readonly pods: readonly AnyPod[] }
  /** Too many pods, or none wanted: these go, and count as nothing. */
  | { readonly kind: 'remove'; readonly pods: readonly AnyPod[] }
  /** Too few; others may follow later. */
  | { readonly kind: 'create'; readonly pods: readonly AnyPod[]; readonly againInMs?: number }
  /** Too few, and it is too early after the last failure. */
  | { readonly kind: 'wait'; readonly againInMs: number }
  | { readonly kind: 'rest' };

/** Pods that are made or deleted before the status is written once; the rest follows. */
const podsAtOnceMax = 500;

/** Decides it from what is known alone. */
export function nextStep(facts: JobFacts, backoff: FailureBackoff): NextStep {
  const { job, active } = facts;
  const ending = endingOf(facts);
  if (ending !== undefined) return { kind: 'end', ending, pods: active };
  if (isBeingDeleted(job)) return { kind: 'rest' };
  const surplus = surplusPods(facts).slice(0, podsAtOnceMax);
  if (surplus.length > 0) return { kind: 'remove', pods: surplus };
  const waitedFor = waitsForFailure(job) ? facts.terminating.length : 0;
  const missing = Math.min(wantedCount(facts) - active.length - waitedFor, podsAtOnceMax);
  if (missing <= 0) return { kind: 'rest' };
  // Where each index has a limit of its own, each waits on its own too.
  if (job.spec?.backoffLimitPerIndex === undefined) {
    const againInMs = remainingBackoffMs(backoff, facts.nowMs);
    if (againInMs > 0) return { kind: 'wait', againInMs };
  }
  return facts.indexes === undefined
    ? { kind: 'create', pods: Array.from({ length: missing }, () => newJobPod(job)) }
    : nextIndexes(facts, facts.indexes, missing);
}

/** How many pods should be active. */
function wantedCount({ job, active, succeededCount }: JobFacts): number {
  const { suspend, parallelism = 1, completions } = job.spec ?? {};
  if (suspend === true) return 0;
  // Without a number of completions the first success says that no new pods are needed.
  if (completions === undefined) return succeededCount > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeededCount, parallelism));
}

/** Pods that are one too many for their index, and then those that are missed the least. */
function surplusPods(facts: JobFacts): readonly AnyPod[] {
  const { active, indexes, nowMs } = facts;
  const surplusCount = active.length - wantedCount(facts);
  const hasDoubles = indexes !== undefined && doubledPods(active, indexes).length > 0;
  if (surplusCount <= 0 && !hasDoubles) return [];
  const inOrder = inDeletionOrder(active, { nowMs, companyOf: () => 0 });
  const doubled = new Set(indexes === undefined ? [] : doubledPods(inOrder, indexes));
  const others = inOrder.filter((pod) => !doubled.has(pod));
  return [...doubled, ...others.slice(0, Math.max(0, surplusCount - doubled.size))];
}

/** Of the pods of one index the last one stays. */
function doubledPods(pods: readonly AnyPod[], { completions }: JobIndexes): readonly AnyPod[] {
  const last = new Map(pods.map((pod) => [indexOf(pod, completions), pod]));
  return pods.filter((pod) => {
    const index = indexOf(pod, completions);
    return index === undefined || last.get(index) !== pod;
  });
}

function nextIndexes(facts: JobFacts, indexes: JobIndexes, count: number): NextStep {
  const { job, nowMs } = facts;
  const ready: number[] = [];
  const waits: number[] = [];
  for (const index of openIndexes(facts, indexes, count)) {
    const replaced = indexes.toReplace.get(index);
    const waitMs = replaced === undefined ? 0 : remainingOf(replaced, facts);
    if (waitMs > 0) waits.push(waitMs);
    else ready.push(index);
  }
  const againInMs = waits.length === 0 ? undefined : Math.min(...waits);
  if (ready.length === 0 && againInMs !== undefined) return { kind: 'wait', againInMs };
  return {
    kind: 'create',
    pods: ready.map((index) => newIndexedPod(job, index, indexes.toReplace.get(index))),
    ...(againInMs === undefined ? {} : { againInMs }),
  };

  function remainingOf(replaced: AnyPod, { job: owner }: JobFacts): number {
    const { counted, ignored } = failuresWith(replaced, owner);
    const own = { failures: counted + ignored, lastFailureMs: finishedAtMs(replaced) };
    return remainingBackoffMs(own, nowMs);
  }
}

/** The lowest indexes that are neither done nor under way. */
function openIndexes(
  { job, pods, active }: JobFacts,
  { completions, succeeded, failed = [] }: JobIndexes,
  count: number,
): readonly number[] {
  const inTheirPlace = waitsForFailure(job) ? pods.filter(isPodTerminating) : [];
  const underWay = [...active, ...inTheirPlace].flatMap((pod) => indexOf(pod, completions) ?? []);
  const closed = withIndexes(union(succeeded, failed), underWay);
  return firstMissing(closed, { count, below: completions });
}
