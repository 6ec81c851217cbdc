import type { AnyPod } from './pod-containers.ts';

/**
 * Whether a pod of which nothing runs any more waits for its node to delete it for good. One that has been, and is
 * there still, waits for its finalizers; without any, the API server was killed before it took the pod away.
 */
export function isToBeDeleted({ metadata }: AnyPod): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers = [] } = metadata ?? {};
  if (deletionTimestamp === undefined) return false;
  return deletionGracePeriodSeconds !== 0 || finalizers.length === 0;
}
