import type { Pod } from '@fairway/kinds/core/v1';

/** What makes one pod of several the better one to look into. */
export interface PodOrder {
  /** Phases that come first, in their order; others come after them. */
  readonly phases: readonly string[];
  /** Who reads logs wants the one that restarts; who wants to get in, the one that does not. */
  readonly isRestartedFirst: boolean;
}

/** For logs. */
export const byLogging: PodOrder = {
  phases: ['Running', 'Succeeded', 'Failed', 'Unknown', 'Pending'],
  isRestartedFirst: true,
};

/** For programs to be run in it, and ports. */
export const byActivity: PodOrder = {
  phases: ['Running', 'Unknown', 'Pending', 'Succeeded', 'Failed'],
  isRestartedFirst: false,
};

/** The best pod first. Source: kubectl, `podutils.ByLogging` and `ActivePods`. */
export function inOrder(pods: readonly Pod[], order: PodOrder): readonly Pod[] {
  const keys = new Map(pods.map((pod) => [pod, keyOf(pod, order)]));
  return pods.toSorted((one, other) => compare(keys.get(one), keys.get(other)));
}

/** True when the pod says that it takes requests. */
export function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

function readyCondition({ status }: Pod) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

function keyOf(pod: Pod, { phases, isRestartedFirst }: PodOrder): readonly number[] {
  const { metadata, spec, status } = pod;
  const restarts = Math.max(
    0,
    ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount),
  );
  const readySince = isReady(pod) ? msOf(readyCondition(pod)?.lastTransitionTime) : Infinity;
  return [
    (spec?.nodeName ?? '') === '' ? 1 : 0,
    phases.indexOf(status?.phase ?? ''),
    isReady(pod) ? 0 : 1,
    readySince,
    isRestartedFirst ? -restarts : restarts,
    msOf(metadata?.creationTimestamp),
  ];
}

function msOf(time: string | null | undefined): number {
  return time ? Date.parse(time) : Infinity;
}

function compare(one: readonly number[] = [], other: readonly number[] = []): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) < (other[at] ?? 0) ? -1 : 1;
}
