import { isPodOver } from '@fairway/kind-rules/pods';
import type { ContainerState, ContainerStatus } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { resourcesOf } from '../pod-lifecycle/container-status.ts';
import { type AnyPod, isRestarted } from '../pod-lifecycle/pod-containers.ts';
import { restartAtMs } from '../pod-lifecycle/restart-backoff.ts';
import { backingOff } from '../pod-lifecycle/settle-pod.ts';
import type { ProbeVerdict } from '../probes/probe-verdict.ts';
import type { ContainerRecord } from '../runtime/container.ts';
import type { GivenResources } from './pod-memory.ts';
import { type ContainerView, type PodView, isAlive, terminatedState } from './pod-view.ts';

/** What the states of containers depend on beside the pod. */
export interface StateScene {
  readonly nowMs: number;
  /** Before the identifiers of containers in statuses: `containerd`. */
  readonly scheme: string;
  readonly probes: (each: ContainerView) => ProbeVerdict;
  /** Nothing of the pod is started any more. */
  readonly isEnding: boolean;
}

/**
 * The status of a container.
 *
 * Source: core/v1 ContainerStatus; reasons and messages are those of a kubelet 1.36.
 */
export function containerStatus(
  each: ContainerView,
  { pod, sandbox }: PodView,
  scene: StateScene,
): ContainerStatus | undefined {
  const { record } = each;
  // What was taken away of a pod that is over changes nothing of how it ended.
  if (record === undefined && isPodOver(pod)) return each.status;
  if (record === undefined || record.state === 'created') return unseenStatus(each, pod, scene);
  if (isAlive(each)) return runningStatus(each, record, scene);
  const ended = endedStatus(each, record, scene);
  const isAgain = isRestarted({ ...each, status: ended }, pod);
  const isRepeated = sandbox !== undefined && isRunAgain(each);
  if (scene.isEnding || !(isAgain || isRepeated)) return ended;
  const { waiting } = each.memory;
  const asWaiting = (state: ContainerState): ContainerStatus => ({
    ...ended,
    ready: false,
    state,
    lastState: { terminated: terminatedState(record, scene.scheme) },
  });
  if (isAgain && restartAtMs(ended, scene.nowMs) > scene.nowMs) {
    return asWaiting(backingOff(each, ended, pod).state ?? {});
  }
  if (waiting !== undefined) return asWaiting({ waiting });
  return sandbox === undefined || each.isHere
    ? ended
    : asWaiting({ waiting: { reason: firstReason(pod) } });
}

/** It runs once more although it has done its work: in another sandbox, or with all of its pod. */
export function isRunAgain({ kind, isHere, isReset, record }: ContainerView): boolean {
  if (kind === 'ephemeral') return false;
  return isReset || (kind === 'init' && !isHere && record?.exitCode === 0);
}

/** A run that has ended, whatever follows. */
export function endedStatus(
  each: ContainerView,
  record: ContainerRecord,
  { scheme }: Pick<StateScene, 'scheme'>,
): ContainerStatus {
  const terminated = terminatedState(record, scheme);
  return {
    ...runFacts(each, record, scheme),
    // An init container is ready once it has done its work.
    ready: each.kind === 'init' && terminated.exitCode === 0,
    started: false,
    state: { terminated },
  };
}

function runningStatus(
  each: ContainerView,
  record: ContainerRecord,
  { probes, scheme }: StateScene,
): ContainerStatus {
  const { isStarted, isReady } = probes(each);
  return {
    ...runFacts(each, record, scheme),
    ready: each.kind !== 'init' && each.kind !== 'ephemeral' && isStarted && isReady,
    started: isStarted,
    state: { running: { startedAt: formatTime(record.startedMs ?? record.createdMs) } },
  };
}

/** One that the runtime has nothing of. */
function unseenStatus(each: ContainerView, pod: AnyPod, scene: StateScene): ContainerStatus {
  const { spec, status: before, memory, previous } = each;
  const common = {
    name: spec.name,
    image: before?.image || (spec.image ?? ''),
    imageID: before?.imageID ?? '',
    ready: false,
    restartCount: before?.restartCount ?? 0,
    started: false,
    ...resourcesOf(each.spec),
    ...mountStatuses(each),
  };
  const known = before?.containerID === undefined ? {} : { containerID: before.containerID };
  // Its record was taken away after it had ended.
  if (before?.state?.terminated !== undefined) {
    const isAgain = isRestarted(each, pod) && !scene.isEnding;
    if (!isAgain) return before;
    return {
      ...common,
      ...known,
      lastState: { terminated: before.state.terminated },
      state: { waiting: memory.waiting ?? { reason: firstReason(pod) } },
    };
  }
  if (before?.state?.running !== undefined)
    return lostStatus(each, pod, { ...common, ...known }, scene);
  const lastState =
    previous === undefined
      ? before?.lastState
      : { terminated: terminatedState(previous, scene.scheme) };
  return {
    ...common,
    ...known,
    ...(lastState === undefined ? {} : { lastState }),
    state: { waiting: memory.waiting ?? { reason: firstReason(pod) } },
  };
}

/** It ran when it was last seen, and is nowhere now. */
function lostStatus(
  each: ContainerView,
  pod: AnyPod,
  common: ContainerStatus,
  { isEnding }: StateScene,
): ContainerStatus {
  const when = pod.metadata?.deletionTimestamp === undefined ? 'terminated' : 'deleted';
  const { startedAt } = each.status?.state?.running ?? {};
  const terminated = {
    ...(common.containerID === undefined ? {} : { containerID: common.containerID }),
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: `The container could not be located when the pod was ${when}.  The container used to be Running`,
    ...(startedAt === undefined ? {} : { startedAt }),
  };
  const ended = { ...common, state: { terminated } };
  if (isEnding || !isRestarted({ ...each, status: ended }, pod)) return ended;
  return {
    ...common,
    lastState: { terminated },
    state: { waiting: each.memory.waiting ?? { reason: firstReason(pod) } },
  };
}

/** What the run of a container was given: with its start, or since then. */
export function givenResources(
  each: ContainerView,
  { scheme }: Pick<StateScene, 'scheme'>,
): GivenResources {
  const { record, status: before, memory, spec } = each;
  if (record === undefined) return resourcesOf(spec);
  if (memory.given?.containerId === record.id) return memory.given.resources;
  if (before?.containerID !== `${scheme}://${record.id}`) return resourcesOf(spec);
  const { allocatedResources, resources } = before;
  return {
    ...(allocatedResources === undefined ? {} : { allocatedResources }),
    ...(resources === undefined ? {} : { resources }),
  };
}

/** What a status says of a run whatever its state is. */
function runFacts(
  each: ContainerView,
  record: ContainerRecord,
  scheme: string,
): Omit<ContainerStatus, 'ready'> {
  const { spec, previous, status: before } = each;
  const lastState =
    previous?.state === 'exited'
      ? { terminated: terminatedState(previous, scheme) }
      : record.attempt === before?.restartCount
        ? before.lastState
        : undefined;
  return {
    name: spec.name,
    image: record.image,
    imageID: record.imageId,
    containerID: `${scheme}://${record.id}`,
    restartCount: record.attempt,
    ...(lastState === undefined ? {} : { lastState }),
    ...givenResources(each, { scheme }),
    ...mountStatuses(each),
  };
}

function mountStatuses({ spec }: ContainerView): Pick<ContainerStatus, 'volumeMounts'> {
  if (spec.volumeMounts === undefined || spec.volumeMounts.length === 0) return {};
  return {
    volumeMounts: spec.volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
  };
}

/** Why a container waits that has not been tried yet. */
function firstReason({ spec }: AnyPod): string {
  return (spec?.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
}
