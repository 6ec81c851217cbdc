import type {
  ContainerStateTerminated,
  ContainerStatus,
  EphemeralContainer,
} from '@fairway/kinds/core/v1';
import { type DeepReadonly, formatTime } from '@fairway/protocol';

/** What a kubelet knows of a container from the pod's spec. */
export type ContainerSpec = DeepReadonly<EphemeralContainer>;

/** How a program has ended. */
export interface Exit {
  readonly exitCode: number;
  /** `Completed` or `Error`, by the code, when absent. */
  readonly reason?: string;
  readonly message?: string;
}

/** A container that waits for something, before it has run or between two runs. */
export function waitingStatus(
  container: ContainerSpec,
  waiting: { readonly reason: string; readonly message?: string },
  before?: ContainerStatus,
): ContainerStatus {
  const ended = before?.state?.terminated;
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: before?.imageID ?? '',
    ...(before?.containerID === undefined ? {} : { containerID: before.containerID }),
    ...resourcesOf(container),
    ...(ended === undefined ? lastStateOf(before) : { lastState: { terminated: ended } }),
    ready: false,
    restartCount: before?.restartCount ?? 0,
    started: false,
    state: { waiting },
  };
}

/** A container whose program runs from now on: for the first time, or once more. */
export function runningStatus(
  container: ContainerSpec,
  run: { readonly podUid: string; readonly nowMs: number; readonly isReady: boolean },
  before?: ContainerStatus,
): ContainerStatus {
  const ended = before?.state?.terminated ?? before?.lastState?.terminated;
  const restartCount = ended === undefined ? 0 : (before?.restartCount ?? 0) + 1;
  const image = container.image ?? '';
  return {
    name: container.name,
    image,
    imageID: image,
    containerID: `simulated://${run.podUid}/${container.name}/${restartCount}`,
    ...resourcesOf(container),
    ...(ended === undefined ? {} : { lastState: { terminated: ended } }),
    ready: run.isReady,
    restartCount,
    started: true,
    state: { running: { startedAt: formatTime(run.nowMs) } },
  };
}

/** A container whose program has ended now. */
export function exitedStatus(running: ContainerStatus, exit: Exit, nowMs: number): ContainerStatus {
  const { exitCode, reason = exitCode === 0 ? 'Completed' : 'Error', message } = exit;
  const startedAt = running.state?.running?.startedAt;
  const terminated: ContainerStateTerminated = {
    ...(running.containerID === undefined ? {} : { containerID: running.containerID }),
    exitCode,
    reason,
    ...(message === undefined ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt }),
    finishedAt: formatTime(nowMs),
  };
  return { ...running, ready: false, started: false, state: { terminated } };
}

/** What it is given, as its spec says: a change of it counts at once. */
export function resourcesOf({
  resources,
}: ContainerSpec): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const { requests, limits } = resources ?? {};
  if (requests === undefined && limits === undefined) return {};
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    resources: {
      ...(limits === undefined ? {} : { limits }),
      ...(requests === undefined ? {} : { requests }),
    },
  };
}

function lastStateOf(before?: ContainerStatus): Pick<ContainerStatus, 'lastState'> {
  return before?.lastState === undefined ? {} : { lastState: before.lastState };
}
