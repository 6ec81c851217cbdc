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
import { JobBackoffs } from './failure-backoff.ts';
import { isJobFinished } from './job-conditions.ts';
import { jobFacts } from './job-facts.ts';
import { trackingFinalizer } from './job-names.ts';
import { isManagedHere } from './managed-by.ts';
import { JobWriter } from './job-writer.ts';
import { nextStep } from './next-step.ts';
import { releaseOrphans } from './orphan-pods.ts';

/**
 * Runs the pods of jobs until as many have succeeded as wanted, or too many have failed, and counts each of
 * them once.
 */
export function jobs(parts: ControllerParts): Controller {
  return runTogether([runJobs(parts, new JobBackoffs()), releaseOrphans(parts)]);
}

/** Runs their pods. What is remembered of their failures is in `backoffs`. */
export function runJobs(parts: ControllerParts, backoffs: JobBackoffs): Controller {
  const { client, informers } = parts;
  const pods = sharedInformer(informers, Pod);
  const owners = sharedInformer(informers, Job);
  return sharedController(parts, Job, {
    concurrency: 5,
    limiter: exponentialLimiter({ firstMs: 1_000, maxMs: 60_000 }),
    watches: [watchShared(Pod, ownerKeysOf(Job, takersOf(owners, selectorOf)))],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<Job>): Promise<Requeue | undefined> {
    const { key, object: job, signal } = request;
    if (job === undefined || !isManagedHere(job) || isJobFinished(job)) {
      backoffs.forget(key);
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
    const backoff = backoffs.next(key, facts);
    const writer = new JobWriter({ client, pods }, request);
    return writer.take(nextStep(facts, backoff), facts, () =>
      backoffs.remember(key, facts, backoff),
    );
  }
}
