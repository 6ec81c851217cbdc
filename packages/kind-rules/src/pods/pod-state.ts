import type { Pod, PodCondition } from '@fairway/kinds/core/v1';
import { type DeepReadonly, parseTime } from '@fairway/protocol';

type AnyPod = DeepReadonly<Pod>;

/** The condition of a type; undefined when the pod has none. */
export function podCondition(pod: AnyPod, type: string): DeepReadonly<PodCondition> | undefined {
  return pod.status?.conditions?.find((each) => each.type === type);
}

/** Its condition says that it can serve. */
export function isPodReady(pod: AnyPod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** All its containers have ended for good. Asked of pods that are only being made, too. */
export function isPodOver({ status }: { readonly status?: { readonly phase?: string } }): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** It runs or will, and nobody has deleted it. */
export function isPodActive(pod: AnyPod): boolean {
  return !isPodOver(pod) && pod.metadata?.deletionTimestamp === undefined;
}

/** It was deleted, and its containers may still run. */
export function isPodTerminating(pod: AnyPod): boolean {
  return !isPodOver(pod) && pod.metadata?.deletionTimestamp !== undefined;
}

/** The node that it was put on; undefined while it has none. */
export function podNodeName({ spec }: AnyPod): string | undefined {
  return spec?.nodeName || undefined;
}

/**
 * When a pod that stays ready counts as available, in milliseconds since 1970; undefined while it is not
 * ready. One that need not stay ready is available at once, whatever the clock of its node says.
 */
export function podAvailableAtMs(pod: AnyPod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = ready.lastTransitionTime;
  const sinceMs = since === undefined || since === null ? undefined : parseTime(since);
  return sinceMs === undefined ? undefined : sinceMs + minReadySeconds * 1_000;
}

/** It has been ready for as long as its owner wants. */
export function isPodAvailable(pod: AnyPod, minReadySeconds: number, nowMs: number): boolean {
  const atMs = podAvailableAtMs(pod, minReadySeconds);
  return atMs !== undefined && atMs <= nowMs;
}
