import { Job } from '@fairway/kinds/batch/v1';
import { Pod } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  exponentialLimiter,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { claimObjects } from '../owned-objects/claim-objects.ts';
import { ownerKeysOf, takersOf } from '../owned-objects/owner-keys.ts';
import { selectorOf } from '../owned-objects/selected-objects.ts';
import { runTogether } from '../run-together.ts';
import { type FailureBackoff, backoffAfter, noBackoff } from './failure-backoff.ts';
import { isJobFinished } from './job-conditions.ts';
import { type JobFacts, jobFacts } from './job-facts.ts';
import { trackingFinalizer } from './job-names.ts';
import { hasFailed, hasSucceeded } from './job-pods.ts';
import { isManagedHere } from './managed-by.ts';
import { JobWriter } from './job-writer.ts';
import { nextStep } from './next-step.ts';
import { releaseOrphans } from './orphan-pods.ts';

/**
 * Runs the pods of jobs until as many have succeeded as wanted, or too many have failed, and counts each of
 * them once.
 */
export function jobs(parts: ControllerParts): Controller {
  return runTogether([runJobs(parts), releaseOrphans(parts)]);
}

function runJobs(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const pods = sharedInformer(informers, Pod);
  const owners = sharedInformer(informers, Job);
  /** By the uid of the job. */
  const backoffs = new Map<string, FailureBackoff>();
  return sharedController(parts, Job, {
    concurrency: 5,
    limiter: exponentialLimiter({ firstMs: 1_000, maxMs: 60_000 }),
    watches: [watchShared(Pod, ownerKeysOf(Job, takersOf(owners, selectorOf)))],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<Job>): Promise<Requeue | undefined> {
    const { object: job, signal } = request;
    if (job === undefined || !isManagedHere(job)) return undefined;
    const uid = job.metadata?.uid ?? '';
    if (isJobFinished(job)) {
      backoffs.delete(uid);
      return undefined;
    }
    const claim = { client, ownerKind: Job, owner: job, ownedKind: Pod, informer: pods };
    const claimed = await claimObjects({
      ...claim,
      selector: selectorOf(job),
      // One that is over may have been counted before.
      mayAdopt: (pod) => !isPodOver(pod),
      finalizer: trackingFinalizer,
      signal,
    });
    const facts = jobFacts(job, claimed, client.clock.now());
    const backoff = backoffOf(uid, facts);
    const writer = new JobWriter({ client, pods }, request);
    return writer.take(nextStep(facts, backoff), facts, () => backoffs.set(uid, backoff));
  }

  /** What is not remembered is made out of the pods that there still are. */
  function backoffOf(uid: string, { job, pods: all, ...facts }: JobFacts): FailureBackoff {
    const before = backoffs.get(uid);
    return before === undefined
      ? backoffAfter(noBackoff, {
          succeeded: all.filter(hasSucceeded),
          failed: all.filter((pod) => hasFailed(pod, job)),
        })
      : backoffAfter(before, { succeeded: facts.newlySucceeded, failed: facts.newlyFailed });
  }
}
