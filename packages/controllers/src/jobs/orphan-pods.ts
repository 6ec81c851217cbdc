import { Job } from '@fairway/kinds/batch/v1';
import { Pod } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  type Informer,
  controllerOf,
  formatKey,
  keyOf,
  refersTo,
} from '@fairway/reconcile';
import { ownedBy } from '../caches/object-indexes.ts';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { takersOf } from '../owned-objects/owner-keys.ts';
import { selectorOf } from '../owned-objects/selected-objects.ts';
import { isJobFinished } from './job-conditions.ts';
import { isTracked } from './job-pods.ts';
import { isManagedHere } from './managed-by.ts';
import { releasePods } from './release-pods.ts';

/** Lets pods go that wait to be counted and that no job will count: it is gone, or has finished. */
export function releaseOrphans(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const pods = sharedInformer(informers, Pod);
  const jobs = sharedInformer(informers, Job);
  const takers = takersOf(jobs, selectorOf);
  return sharedController(parts, Pod, {
    filter: ({ object }) => isTracked(object),
    watches: [watchShared(Job, (change) => podsLeftBy(change, pods))],
    reconcile: async ({ object: pod, signal }) => {
      if (pod === undefined || !isTracked(pod) || isWaitedFor(pod)) return;
      await releasePods({ client, pods }, [pod], { signal });
    },
  });

  /** Whether somebody is there to count it, or to take it and count it then. */
  function isWaitedFor(pod: DeepReadonly<Pod>): boolean {
    const owner = controllerOf(pod);
    const namespace = pod.metadata?.namespace ?? '';
    if (owner === undefined) {
      return !isPodOver(pod) && takers(pod).some((key) => isOpen(jobs.get(key)));
    }
    // Whose pods those are that others control is theirs to say.
    if (!refersTo(owner, Job)) return true;
    const job = jobs.get(formatKey({ namespace, name: owner.name }));
    return job?.metadata?.uid === owner.uid && (isOpen(job) || !isManagedHere(job));
  }
}

function isOpen(job: DeepReadonly<Job> | undefined): boolean {
  return job !== undefined && !isJobFinished(job);
}

/** The pods of a job that counts none any more. */
function podsLeftBy(
  { type, object }: Change<KubernetesObject>,
  pods: Informer<Pod>,
): readonly string[] {
  const hasEnded = type === 'deleted' || isJobFinished(object as Job);
  return hasEnded ? ownedBy(pods, object).filter(isTracked).map(keyOf) : [];
}
