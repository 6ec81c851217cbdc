import type { Pod } from '@fairway/kinds/core/v1';
import { isPodReady, podCondition } from '@fairway/kind-rules/pods';
import { type DeepReadonly, annotationsOf, parseTime } from '@fairway/protocol';

type AnyPod = DeepReadonly<Pod>;

/** What decides who goes first beside the pods themselves. */
export interface DeletionContext {
  readonly nowMs: number;
  /** Pods of the same purpose on the node of a pod: of two alike, the one with more company goes. */
  readonly companyOf: (pod: AnyPod) => number;
}

/**
 * Orders pods by who is missed the least, first: not placed, not running, not ready, cheap to delete, in
 * company, young. Young and old are told apart by orders of magnitude; what is alike goes by uid.
 *
 * Source: kubernetes.io, ReplicaSet, "Scaling a ReplicaSet" and "Pod deletion cost".
 */
export function inDeletionOrder(
  pods: readonly AnyPod[],
  context: DeletionContext,
): readonly AnyPod[] {
  return pods
    .map((pod) => ({ pod, ranks: ranksOf(pod, context) }))
    .sort((one, other) => compareRanks(one, other))
    .map(({ pod }) => pod);
}

interface Ranked {
  readonly pod: AnyPod;
  readonly ranks: readonly number[];
}

/** The lower goes first, at the first place that differs. */
function ranksOf(pod: AnyPod, { nowMs, companyOf }: DeletionContext): readonly number[] {
  const isReady = isPodReady(pod);
  return [
    (pod.spec?.nodeName ?? '') === '' ? 0 : 1,
    phaseRanks.get(pod.status?.phase ?? '') ?? 0,
    isReady ? 1 : 0,
    deletionCost(pod),
    -companyOf(pod),
    ageRank(isReady ? podCondition(pod, 'Ready')?.lastTransitionTime : undefined, nowMs),
    -mostRestarts(pod),
    ageRank(pod.metadata?.creationTimestamp, nowMs),
  ];
}

const phaseRanks: ReadonlyMap<string, number> = new Map([
  ['Pending', 0],
  ['Unknown', 1],
  ['Running', 2],
]);

/** The annotation by which users say what they would lose; refused by the API unless it is a number. */
function deletionCost(pod: AnyPod): number {
  return Number(annotationsOf(pod)['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
}

/** 0 up to a second, one more with each doubling of the age; no time counts as now. */
function ageRank(time: string | null | undefined, nowMs: number): number {
  const sinceMs = time === undefined || time === null ? undefined : parseTime(time);
  const ageMs = sinceMs === undefined ? 0 : nowMs - sinceMs;
  return ageMs <= 0 ? 0 : Math.floor(Math.log2(ageMs * 1e6)) + 1;
}

function mostRestarts({ status }: AnyPod): number {
  const counts = (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount);
  return Math.max(0, ...counts);
}

function compareRanks(one: Ranked, other: Ranked): number {
  for (const [at, rank] of one.ranks.entries()) {
    const difference = rank - (other.ranks[at] ?? 0);
    if (difference !== 0) return difference;
  }
  const [oneUid = '', otherUid = ''] = [one.pod.metadata?.uid, other.pod.metadata?.uid];
  return oneUid < otherUid ? -1 : oneUid > otherUid ? 1 : 0;
}
