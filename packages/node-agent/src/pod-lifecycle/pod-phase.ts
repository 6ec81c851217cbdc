import type { PodStatus } from '@fairway/kinds/core/v1';
import {
  type AnyPod,
  type PodContainer,
  hasExited,
  isRestarted,
  isRunning,
  podContainers,
} from './pod-containers.ts';

/** All init containers have done their work, and the others may start, or did. */
export function isInitialized(pod: AnyPod): boolean {
  const containers = podContainers(pod);
  if (containers.some((each) => each.kind === 'main' && hasBegun(each))) return true;
  return containers.every((each) => {
    if (each.kind === 'init') return each.status?.state?.terminated?.exitCode === 0;
    if (each.kind !== 'sidecar') return true;
    return isRunning(each) ? each.status?.started !== false : hasBegun(each);
  });
}

/** Nothing of it will run any more: every container that counts has ended, and stays so. */
export function hasEnded(pod: AnyPod): boolean {
  const containers = podContainers(pod);
  const isOver = (each: PodContainer): boolean => hasExited(each) && !isRestarted(each, pod);
  const hasFailedInit = containers.some(
    (each) =>
      each.kind === 'init' && isOver(each) && each.status?.state?.terminated?.exitCode !== 0,
  );
  return hasFailedInit || containers.every((each) => each.kind !== 'main' || isOver(each));
}

/** The phase that follows from how the containers are. Source: Kubernetes, pod lifecycle. */
export function podPhase(pod: AnyPod): NonNullable<PodStatus['phase']> {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return phase;
  const containers = podContainers(pod);
  if (hasEnded(pod)) return hasFailedContainer(containers) ? 'Failed' : 'Succeeded';
  if (!isInitialized(pod)) return 'Pending';
  const main = containers.filter(({ kind }) => kind === 'main');
  return main.every(hasBegun) ? 'Running' : 'Pending';
}

/** Its program has run at least once. */
function hasBegun(each: PodContainer): boolean {
  return isRunning(each) || hasExited(each) || each.status?.lastState?.terminated !== undefined;
}

/** The phase of a pod that was ended from outside, when nothing of it runs any more. */
export function endedPhase(pod: AnyPod): 'Failed' | 'Succeeded' {
  const containers = podContainers(pod);
  const isDone = containers.every((each) => each.kind !== 'main' || hasExited(each));
  return !isDone || hasFailedContainer(containers) ? 'Failed' : 'Succeeded';
}

/** A container that counts has ended with a failure. */
export function hasFailedContainer(containers: readonly PodContainer[]): boolean {
  return containers.some(
    ({ kind, status }) =>
      (kind === 'main' || kind === 'init') && (status?.state?.terminated?.exitCode ?? 0) !== 0,
  );
}
