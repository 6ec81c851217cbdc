import type { JobStatus } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { isPodActive, isPodReady, isPodTerminating } from '@fairway/kind-rules/pods';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import { isBeingDeleted } from '@fairway/reconcile';
import { withoutZeros } from '../write-status.ts';
import type { JobEnding } from './ending.ts';
import { isConditionTrue, withJobCondition } from './job-conditions.ts';
import type { JobFacts } from './job-facts.ts';
import type { NextStep } from './next-step.ts';

type AnyPod = DeepReadonly<Pod>;

/** A job was suspended or goes on after that. */
export type SuspensionChange = 'suspended' | 'resumed';

const suspensions = {
  suspended: { type: 'Suspended', reason: 'JobSuspended', message: 'Job suspended' },
  resumed: { type: 'Suspended', reason: 'JobResumed', message: 'Job resumed' },
} as const;

/** What of a suspension the status does not tell yet; a job that ends or is being deleted tells nothing of it. */
export function suspensionChange({ job }: JobFacts, step: NextStep): SuspensionChange | undefined {
  if (step.kind === 'end' || isBeingDeleted(job)) return undefined;
  const wasSuspended = isConditionTrue(job, 'Suspended');
  const isSuspended = job.spec?.suspend === true;
  if (wasSuspended === isSuspended) return undefined;
  return isSuspended ? 'suspended' : 'resumed';
}

/**
 * The status of a job that has begun, is suspended or goes on, before any pod is counted. The time for which
 * it may be active begins anew when it goes on.
 */
export function begunStatus(
  { job, nowMs }: JobFacts,
  change: SuspensionChange | undefined,
): JobStatus {
  const { startTime, ...status } = job.status ?? {};
  const isSuspended = job.spec?.suspend === true;
  const conditions =
    change === undefined
      ? (status.conditions ?? [])
      : withJobCondition(status.conditions ?? [], suspensions[change], {
          isTrue: isSuspended,
          nowMs,
        });
  const kept = change === undefined ? startTime : undefined;
  const since = kept ?? (isSuspended ? undefined : formatTime(nowMs));
  return {
    ...status,
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(since === undefined ? {} : { startTime: since }),
  };
}

/** What pods are doing, as their job's status tells it. */
export function withActivity(
  { active: _, ...status }: JobStatus,
  pods: readonly AnyPod[],
  step: NextStep,
): JobStatus {
  const active = pods.filter(isPodActive);
  return {
    ...status,
    // Kubernetes counts no active pods while others have to wait for their turn.
    ...withoutZeros({ active: step.kind === 'wait' ? 0 : active.length }),
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
  };
}

/** With the condition that says how a job is about to end. */
export function withEnding(
  status: JobStatus,
  ending: JobEnding | undefined,
  nowMs: number,
): JobStatus {
  if (ending === undefined) return status;
  return { ...status, conditions: withJobCondition(status.conditions ?? [], ending, { nowMs }) };
}

/** The status of a job of which nothing is left to wait for; undefined while something is. */
export function finishedStatus(
  status: JobStatus,
  { reason, message, type }: JobEnding,
  nowMs: number,
): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length + (status.terminating ?? 0) > 0) return undefined;
  const isComplete = type === 'SuccessCriteriaMet';
  const last = { type: isComplete ? 'Complete' : 'Failed', reason, message };
  return {
    ...status,
    conditions: withJobCondition(status.conditions ?? [], last, { nowMs }),
    ...(isComplete ? { completionTime: formatTime(nowMs) } : {}),
  };
}
