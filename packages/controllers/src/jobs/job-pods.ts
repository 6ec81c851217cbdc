import type { Job } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { podCondition } from '@fairway/kind-rules/pods';
import { type DeepReadonly, annotationsOf, parseTime } from '@fairway/protocol';
import { hasFinalizer } from '@fairway/reconcile';
import { isConditionTrue } from './job-conditions.ts';
import {
  failureCountKey,
  ignoredFailureCountKey,
  indexKey,
  trackingFinalizer,
} from './job-names.ts';

type AnyPod = DeepReadonly<Pod>;
type AnyJob = DeepReadonly<Job>;

/** It waits to be counted. */
export function isTracked(pod: AnyPod): boolean {
  return hasFinalizer(pod, trackingFinalizer);
}

export function hasSucceeded({ status }: AnyPod): boolean {
  return status?.phase === 'Succeeded';
}

/**
 * It has failed, or counts as failed because it was deleted. Where pods are replaced only when they have
 * failed, one that was deleted has to end first; what a job that has succeeded deletes has not failed.
 */
export function hasFailed(pod: AnyPod, job: AnyJob): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (pod.metadata?.deletionTimestamp === undefined || hasSucceeded(pod)) return false;
  return !waitsForFailure(job) && !isConditionTrue(job, 'SuccessCriteriaMet');
}

/** A pod that is going is replaced only when it is over. */
export function waitsForFailure({ spec }: AnyJob): boolean {
  return spec?.podReplacementPolicy === 'Failed';
}

/** The index that a pod of an indexed job works on; undefined without one below `completions`. */
export function indexOf(pod: AnyPod, completions: number): number | undefined {
  const index = readCount(pod, indexKey);
  return index !== undefined && index < completions ? index : undefined;
}

/** How often the index of a pod had failed before it. */
export function failuresBefore(pod: AnyPod): {
  readonly counted: number;
  readonly ignored: number;
} {
  return {
    counted: readCount(pod, failureCountKey) ?? 0,
    ignored: readCount(pod, ignoredFailureCountKey) ?? 0,
  };
}

function readCount(pod: AnyPod, key: string): number | undefined {
  const text = annotationsOf(pod)[key];
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

/** When a pod ended, as well as its status tells, in milliseconds since 1970. */
export function finishedAtMs(pod: AnyPod): number {
  const {
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds = 0,
  } = pod.metadata ?? {};
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) =>
    parseTime(state?.terminated?.finishedAt ?? ''),
  );
  const known = ends.filter((end) => end !== undefined);
  if (known.length > 0 && known.length === ends.length) return Math.max(...known);
  const ready = podCondition(pod, 'Ready');
  const notReadyMs =
    ready?.status === 'False' ? parseTime(ready.lastTransitionTime ?? '') : undefined;
  if (notReadyMs !== undefined) return notReadyMs;
  const deletedMs = parseTime(deletionTimestamp ?? '');
  if (deletedMs !== undefined) return deletedMs - deletionGracePeriodSeconds * 1_000;
  return parseTime(creationTimestamp ?? '') ?? 0;
}
