import { isPodOver } from '@fairway/kind-rules/pods';
import type { ContainerStatus, PodStatus } from '@fairway/kinds/core/v1';
import { type JsonObject, formatTime } from '@fairway/protocol';
import { exitedStatus, runningStatus, waitingStatus } from '../pod-lifecycle/container-status.ts';
import {
  type AnyPod,
  type PodContainer,
  hasExited,
  isBackingOff,
  isRunning,
  podContainers,
  withContainers,
} from '../pod-lifecycle/pod-containers.ts';
import { endRunning, failPod } from '../pod-lifecycle/settle-pod.ts';
import { mergeStatus } from './merge-status.ts';
import { type NoteProblem, sourcedInteger, sourcedText } from './sourced-values.ts';
import type { ContainerAction, StageNext } from './stage.ts';

/** What a stage works with. */
export interface StageScene {
  readonly nowMs: number;
  /** Where the pod is to be reached; asked for once, as it is created. Undefined: there is none left. */
  readonly addresses: () => PodAddresses | undefined;
  readonly note: NoteProblem;
}

export interface PodAddresses {
  readonly hostIp: string | undefined;
  readonly podIp: string | undefined;
}

/** The pod after a stage; the same pod where that changes nothing of it. */
export function applyStage<P extends AnyPod>(pod: P, next: StageNext, scene: StageScene): P {
  const isOver = isPodOver(pod);
  let current = pod;
  if (next.containers !== undefined && !isOver) current = act(pod, next.containers, scene);
  if (next.isDeleted === true && pod.metadata?.deletionTimestamp !== undefined) {
    current = endRunning(current, { exitCode: 0 }, scene.nowMs);
  }
  if (next.fail !== undefined && !isOver) current = failPod(current, next.fail, scene.nowMs);
  if (next.status === undefined) return current;
  const before = (current.status ?? {}) as JsonObject;
  const status = mergeStatus(before, next.status);
  return status === before ? current : { ...current, status: status as PodStatus };
}

function act<P extends AnyPod>(pod: P, action: ContainerAction, scene: StageScene): P {
  const name = sourcedText(action.name, pod);
  const isMeant = ({ spec }: PodContainer): boolean => name === '' || spec.name === name;
  switch (action.state) {
    case 'Created':
      return create(pod, scene);
    case 'Running':
    case 'Ready':
      return run(pod, { isMeant, name, isReady: action.state === 'Ready', nowMs: scene.nowMs });
    case 'NotReady':
      return withContainers(pod, (each) => {
        const isChanged = isMeant(each) && isRunning(each) && each.status?.ready === true;
        return isChanged && each.status ? { ...each.status, ready: false } : each.status;
      });
    case 'Exited': {
      const reason = sourcedText(action.reason, pod);
      const message = sourcedText(action.message, pod);
      const exitCode = sourcedInteger(action.exitCode, pod, scene.note);
      const how = {
        exitCode,
        ...(reason === '' ? {} : { reason }),
        ...(message === '' ? {} : { message }),
      };
      const current = name === '' ? pod : runInit(pod, isMeant, scene.nowMs);
      return endRunning(current, how, scene.nowMs, isMeant);
    }
  }
}

/** The pod has its network, and its containers are being made. */
function create<P extends AnyPod>(pod: P, { nowMs, addresses }: StageScene): P {
  if (pod.status?.startTime !== undefined) return pod;
  const found = addresses();
  if (found === undefined) return pod;
  const { hostIp, podIp } = found;
  const isInitialized = (pod.spec?.initContainers ?? []).length === 0;
  const reason = isInitialized ? 'ContainerCreating' : 'PodInitializing';
  const status = {
    ...pod.status,
    phase: 'Pending' as const,
    startTime: formatTime(nowMs),
    ...(hostIp === undefined ? {} : { hostIP: hostIp, hostIPs: [{ ip: hostIp }] }),
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
  };
  return withContainers({ ...pod, status }, ({ spec }) => waitingStatus(spec, { reason }));
}

function run<P extends AnyPod>(
  pod: P,
  {
    isMeant,
    name,
    isReady,
    nowMs,
  }: {
    readonly isMeant: (each: PodContainer) => boolean;
    readonly name: string;
    readonly isReady: boolean;
    readonly nowMs: number;
  },
): P {
  if (pod.status?.startTime === undefined) return pod;
  const podUid = pod.metadata?.uid ?? '';
  // Init containers come first: one that has not ended well holds all others back.
  const isHeldBack = podContainers(pod).some(
    (each) =>
      each.kind === 'init' &&
      each.status?.state?.terminated?.exitCode !== 0 &&
      (isBackingOff(each) || hasExited(each) || !isMeant(each)),
  );
  return withContainers(pod, (each) => {
    const { spec, status, kind } = each;
    if (!isMeant(each) || hasExited(each) || isBackingOff(each)) return status;
    if (kind === 'init') {
      if (isHeldBack && name === '') return status;
      const running = isRunning(each) && status ? status : begin(each, podUid, nowMs);
      return exitedStatus(running, { exitCode: 0 }, nowMs);
    }
    if (isHeldBack) return status;
    if (isRunning(each) && status !== undefined) {
      return isReady && !status.ready ? { ...status, ready: true } : status;
    }
    const isProbed = spec.readinessProbe !== undefined;
    return runningStatus(spec, { podUid, nowMs, isReady: isReady || !isProbed }, status);
  });
}

/** An init container that is to fail has to run before. */
function runInit<P extends AnyPod>(
  pod: P,
  isMeant: (each: PodContainer) => boolean,
  nowMs: number,
): P {
  if (pod.status?.startTime === undefined) return pod;
  return withContainers(pod, (each) => {
    const isNext =
      each.kind === 'init' &&
      isMeant(each) &&
      !isRunning(each) &&
      !hasExited(each) &&
      !isBackingOff(each);
    return isNext ? begin(each, pod.metadata?.uid ?? '', nowMs) : each.status;
  });
}

function begin({ spec, status }: PodContainer, podUid: string, nowMs: number): ContainerStatus {
  return runningStatus(spec, { podUid, nowMs, isReady: false }, status);
}
