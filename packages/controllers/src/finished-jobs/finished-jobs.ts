import { Job } from '@fairway/kinds/batch/v1';
import { type DeepReadonly, parseTime } from '@fairway/protocol';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  isBeingDeleted,
  requeueAfter,
  deleteUnlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { trueCondition } from '../jobs/job-conditions.ts';

/** Deletes jobs, and their pods before them, some time after they have finished: `ttlSecondsAfterFinished`. */
export function finishedJobs(parts: ControllerParts): Controller {
  const { client } = parts;
  return sharedController(parts, Job, {
    concurrency: 5,
    reconcile: deleteExpired,
  });

  async function deleteExpired(request: ReconcileRequest<Job>): Promise<Requeue | undefined> {
    const { object: job, signal } = request;
    if (job === undefined || isBeingDeleted(job)) return undefined;
    const expiresAtMs = expiryOf(job);
    if (expiresAtMs === undefined) return undefined;
    const leftMs = expiresAtMs - client.clock.now();
    if (leftMs > 0) return requeueAfter(leftMs);
    // Whoever gives it more time meanwhile is heard.
    const how = { propagationPolicy: 'Foreground', ifUnchanged: true, signal } as const;
    await deleteUnlessOutdated(client, Job, job, how);
    return undefined;
  }
}

/** When a job is to go, in milliseconds since 1970; undefined for one that stays. */
function expiryOf(job: DeepReadonly<Job>): number | undefined {
  const ttlSeconds = job.spec?.ttlSecondsAfterFinished;
  const finished = trueCondition(job, 'Complete') ?? trueCondition(job, 'Failed');
  const finishedAtMs = parseTime(finished?.lastTransitionTime ?? '');
  if (ttlSeconds === undefined || finishedAtMs === undefined) return undefined;
  return finishedAtMs + ttlSeconds * 1_000;
}
