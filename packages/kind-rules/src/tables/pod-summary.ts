import type { ContainerState, ContainerStatus, Pod } from '@fairway/kinds/core/v1';
import { humanDuration, parseTime } from '@fairway/protocol';
import type { Shown } from './shown.ts';

type ShownStatus = Shown<ContainerStatus>;

/** `1/2`: containers that are ready, of all that run for as long as the pod does. */
export function podReadiness(pod: Shown<Pod>): string {
  const { spec, status } = pod;
  const { seen, isPast } = initialization(pod);
  const sidecars = seen.filter((each) => isStartedSidecar(pod, each) && each.ready === true);
  const running = isPast ? (status?.containerStatuses ?? []).filter(isReadyAndRunning) : [];
  const sidecarsWanted = (spec?.initContainers ?? []).filter(isSidecar).length;
  const wanted = (spec?.containers ?? []).length + sidecarsWanted;
  return `${sidecars.length + running.length}/${wanted}`;
}

/** `3 (5m ago)`: how often containers were started again, and when they last ended. */
export function podRestarts(pod: Shown<Pod>, nowMs: number): string {
  const { seen, isPast } = initialization(pod);
  const counted = isPast
    ? [
        ...seen.filter((each) => belongsToSidecar(pod, each)),
        ...(pod.status?.containerStatuses ?? []),
      ]
    : seen;
  const restarts = counted.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const ends = counted.flatMap(({ lastState }) => timeOf(lastState?.terminated?.finishedAt));
  if (restarts === 0 || ends.length === 0) return String(restarts);
  const lastMs = ends.reduce((latest, each) => Math.max(latest, each));
  return `${restarts} (${humanDuration(nowMs - lastMs)} ago)`;
}

/**
 * One word for how the pod is: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`.
 * Source: kube-apiserver printers, printPod.
 */
export function podStatus(pod: Shown<Pod>): string {
  const { phase = '', reason } = pod.status ?? {};
  if (pod.metadata?.deletionTimestamp !== undefined) {
    // The node that should end the pod does not answer.
    if (reason === 'NodeLost') return 'Unknown';
    if (phase !== 'Failed' && phase !== 'Succeeded') return 'Terminating';
  }
  const gated = pod.status?.conditions?.some(
    (each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated',
  );
  const whole = gated === true ? 'SchedulingGated' : reason || phase;
  const { heldUp, isPast } = initialization(pod);
  return (isPast ? containersStatus(pod) : undefined) ?? heldUp ?? whole;
}

interface Initialization {
  /** Up to the container that holds the others up, that one included. */
  readonly seen: readonly ShownStatus[];
  /** `Init:0/1`; absent when nothing holds the pod up. */
  readonly heldUp?: string;
  /** The containers proper had their turn. */
  readonly isPast: boolean;
}

function initialization(pod: Shown<Pod>): Initialization {
  const statuses = pod.status?.initContainerStatuses ?? [];
  const heldAt = statuses.findIndex((each) => !isDone(each) && !isStartedSidecar(pod, each));
  const holder = statuses[heldAt];
  if (holder === undefined) return { seen: statuses, isPast: true };
  return {
    seen: statuses.slice(0, heldAt + 1),
    heldUp: `Init:${initReason(holder) ?? `${heldAt}/${(pod.spec?.initContainers ?? []).length}`}`,
    isPast: isConditionTrue(pod, 'Initialized'),
  };
}

/** What the first container that is not simply running says. */
function containersStatus(pod: Shown<Pod>): string | undefined {
  const statuses = pod.status?.containerStatuses ?? [];
  const told = statuses.map(containerReason).find((reason) => reason !== undefined);
  // A container is done while others go on, so the pod is not.
  if (told !== 'Completed' || !statuses.some(isReadyAndRunning)) return told;
  return isConditionTrue(pod, 'Ready') ? 'Running' : 'NotReady';
}

function initReason({ state }: ShownStatus): string | undefined {
  if (state?.terminated !== undefined) return endReason(state.terminated);
  const reason = state?.waiting?.reason;
  return reason === 'PodInitializing' ? undefined : reason || undefined;
}

function containerReason({ state }: ShownStatus): string | undefined {
  if (state?.waiting?.reason) return state.waiting.reason;
  return state?.terminated === undefined ? undefined : endReason(state.terminated);
}

function endReason(terminated: NonNullable<Shown<ContainerState>['terminated']>): string {
  const { reason, signal = 0, exitCode = 0 } = terminated;
  return reason || (signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`);
}

function isDone({ state }: ShownStatus): boolean {
  return state?.terminated !== undefined && (state.terminated.exitCode ?? 0) === 0;
}

function isReadyAndRunning(status: ShownStatus): boolean {
  const isRunning = status.state?.running !== undefined && containerReason(status) === undefined;
  return isRunning && status.ready === true;
}

function isStartedSidecar(pod: Shown<Pod>, status: ShownStatus): boolean {
  return !isDone(status) && status.started === true && belongsToSidecar(pod, status);
}

function belongsToSidecar(pod: Shown<Pod>, status: ShownStatus): boolean {
  const container = pod.spec?.initContainers?.find((each) => each.name === status.name);
  return container !== undefined && isSidecar(container);
}

/** An init container that keeps running beside the others. */
function isSidecar(container: { readonly restartPolicy?: string }): boolean {
  return container.restartPolicy === 'Always';
}

function isConditionTrue(pod: Shown<Pod>, type: string): boolean {
  return pod.status?.conditions?.find((each) => each.type === type)?.status === 'True';
}

function timeOf(time: string | undefined): readonly number[] {
  const epochMs = time === undefined ? undefined : parseTime(time);
  return epochMs === undefined ? [] : [epochMs];
}
