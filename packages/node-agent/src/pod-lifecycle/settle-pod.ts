import { isPodOver } from '@fairway/kind-rules/pods';
import type { ContainerStatus, PodStatus } from '@fairway/kinds/core/v1';
import { equalsJson, formatDuration, parseTime } from '@fairway/protocol';
import {
  type Exit,
  exitedStatus,
  resourcesOf,
  runningStatus,
  waitingStatus,
} from './container-status.ts';
import { type ConditionFacts, podConditions } from './pod-conditions.ts';
import {
  type AnyPod,
  type PodContainer,
  hasExited,
  isBackingOff,
  isRestarted,
  isRunning,
  fullPodName,
  podContainers,
  withContainers,
} from './pod-containers.ts';
import { endedPhase, hasEnded, podPhase } from './pod-phase.ts';
import { restartAtMs, restartBackoffMs } from './restart-backoff.ts';

/** What SIGKILL leaves. */
const killed: Exit = { exitCode: 137 };

/**
 * A pod as its kubelet leaves it at this moment: what has ended is started again or waits for that, what is
 * out of time is ended, and phase and conditions follow. The same pod where there is nothing to do.
 *
 * Source: Kubernetes, pod lifecycle.
 */
export function settlePod<P extends AnyPod>(pod: P, nowMs: number): P {
  if (pod.status?.startTime === undefined) return pod;
  if (isPodOver(pod)) return withSummary(pod, podPhase(pod), nowMs);
  if (isPast(activeUntilMs(pod), nowMs)) return failPod(pod, deadlineExceeded, nowMs);
  const isDeleted = pod.metadata?.deletionTimestamp !== undefined;
  const current = isDeleted ? withDeadline(pod, nowMs) : withRestarts(pod, nowMs);
  if (isDeleted) {
    const isEnding = podContainers(current).some(isRunning);
    return withSummary(current, isEnding ? podPhase(current) : endedPhase(current), nowMs);
  }
  if (!hasEnded(current)) return withSummary(current, podPhase(current), nowMs);
  // Sidecars end after those whom they serve.
  const over = endRunning(current, { exitCode: 0 }, nowMs);
  return withSummary(over, podPhase(over), nowMs);
}

/** Ends a pod for a reason that lies outside of its containers. */
export function failPod<P extends AnyPod>(
  pod: P,
  { reason, message }: { readonly reason: string; readonly message: string },
  nowMs: number,
): P {
  const ended = endRunning(pod, killed, nowMs);
  return withSummary({ ...ended, status: { ...ended.status, reason, message } }, 'Failed', nowMs);
}

/** Why a pod ends that has used up its time. */
export const deadlineExceeded = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** When these rules have something to do next, in milliseconds since 1970; undefined: after a change only. */
export function nextRuleAtMs(pod: AnyPod, nowMs: number): number | undefined {
  if (pod.status?.startTime === undefined || isPodOver(pod)) return undefined;
  const times =
    pod.metadata?.deletionTimestamp === undefined
      ? podContainers(pod).map((each) =>
          isBackingOff(each) && each.status ? restartAtMs(each.status, nowMs) : undefined,
        )
      : [deletedAtMs(pod)];
  const known = [...times, activeUntilMs(pod)].filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Until then a pod that was deleted may end by itself, in milliseconds since 1970. */
export function deletedAtMs({ metadata }: AnyPod): number | undefined {
  return parseTime(metadata?.deletionTimestamp ?? '');
}

/** Until then a pod may be active on its node, in milliseconds since 1970; undefined: for ever. */
export function activeUntilMs({ spec, status }: AnyPod): number | undefined {
  const startedMs = parseTime(status?.startTime ?? '');
  const seconds = spec?.activeDeadlineSeconds;
  return startedMs === undefined || seconds === undefined ? undefined : startedMs + seconds * 1_000;
}

function isPast(timeMs: number | undefined, nowMs: number): boolean {
  return timeMs !== undefined && timeMs <= nowMs;
}

function withDeadline<P extends AnyPod>(pod: P, nowMs: number): P {
  return isPast(deletedAtMs(pod), nowMs) ? endRunning(pod, killed, nowMs) : pod;
}

/** Ends what runs of a pod, or those containers of it that are meant. */
export function endRunning<P extends AnyPod>(
  pod: P,
  exit: Exit,
  nowMs: number,
  isMeant = (_: PodContainer): boolean => true,
): P {
  return withContainers(pod, (each) =>
    each.status !== undefined && isRunning(each) && isMeant(each)
      ? exitedStatus(each.status, exit, nowMs)
      : each.status,
  );
}

function withRestarts<P extends AnyPod>(pod: P, nowMs: number): P {
  return withContainers(pod, (each) => {
    const { spec, status } = each;
    if (status === undefined) {
      // One that was added to a pod that runs.
      return each.kind === 'ephemeral' ? started(each, pod, nowMs) : undefined;
    }
    if (isRunning(each)) {
      if (status.image !== spec.image) return restarted(each, pod, nowMs);
      return withResources(status, resourcesOf(spec));
    }
    const isOver = (hasExited(each) && isRestarted(each, pod)) || isBackingOff(each);
    if (!isOver) return status;
    if (restartAtMs(status, nowMs) <= nowMs) return started(each, pod, nowMs);
    return isBackingOff(each) ? status : backingOff(each, status, pod);
  });
}

function started({ spec, status }: PodContainer, pod: AnyPod, nowMs: number): ContainerStatus {
  const isReady = spec.readinessProbe === undefined;
  return runningStatus(spec, { podUid: pod.metadata?.uid ?? '', nowMs, isReady }, status);
}

/** Its image is another one now. */
function restarted(each: PodContainer, pod: AnyPod, nowMs: number): ContainerStatus {
  if (each.status === undefined) return started(each, pod, nowMs);
  const ended = exitedStatus(each.status, { exitCode: 0 }, nowMs);
  return started({ ...each, status: ended }, pod, nowMs);
}

/** A container that has ended and waits for its next start. */
export function backingOff(
  { spec }: PodContainer,
  ended: ContainerStatus,
  pod: AnyPod,
): ContainerStatus {
  const pause = formatDuration(restartBackoffMs(ended));
  const message = `back-off ${pause} restarting failed container=${spec.name} pod=${fullPodName(pod)}`;
  return waitingStatus(spec, { reason: 'CrashLoopBackOff', message }, ended);
}

/** Phase, conditions and the generation that they speak of. */
export function withSummary<P extends AnyPod>(
  pod: P,
  phase: NonNullable<PodStatus['phase']>,
  nowMs: number,
  facts?: ConditionFacts,
): P {
  const phased = pod.status?.phase === phase ? pod : { ...pod, status: { ...pod.status, phase } };
  const conditions = podConditions(phased, nowMs, facts);
  const observedGeneration = pod.metadata?.generation;
  const isSame =
    conditions === phased.status?.conditions &&
    phased.status?.observedGeneration === observedGeneration;
  if (isSame) return phased;
  const observed = observedGeneration === undefined ? {} : { observedGeneration };
  return { ...phased, status: { ...phased.status, conditions, ...observed } };
}

function withResources(
  status: ContainerStatus,
  given: Pick<ContainerStatus, 'allocatedResources' | 'resources'>,
): ContainerStatus {
  const { allocatedResources, resources, ...rest } = status;
  const isGiven =
    equalsJson(allocatedResources ?? {}, given.allocatedResources ?? {}) &&
    equalsJson(resources ?? {}, given.resources ?? {});
  return isGiven ? status : { ...rest, ...given };
}
