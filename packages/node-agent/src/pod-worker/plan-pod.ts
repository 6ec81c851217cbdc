import { isPodOver } from '@fairway/kind-rules/pods';
import type { PodStatus } from '@fairway/kinds/core/v1';
import { equalsJson, formatTime } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';
import { backOffEvent } from '../pod-lifecycle/container-events.ts';
import { isToBeDeleted } from '../pod-lifecycle/is-to-be-deleted.ts';
import {
  type AnyPod,
  isBackingOff,
  podContainers,
  withContainers,
} from '../pod-lifecycle/pod-containers.ts';
import type { Eviction } from '../eviction/node-pressure.ts';
import { hasEnded } from '../pod-lifecycle/pod-phase.ts';
import { activeUntilMs, deadlineExceeded, withSummary } from '../pod-lifecycle/settle-pod.ts';
import type { RuntimePod } from '../runtime/pod-runtime.ts';
import { containerStatus } from './container-state.ts';
import { planGarbage } from './plan-garbage.ts';
import { type ResizeScene, planResize } from './plan-resize.ts';
import { planStarts } from './plan-starts.ts';
import { type StopScene, planStops } from './plan-stops.ts';
import { type PodAction, taskOf } from './pod-action.ts';
import { type PodEnding, type PodMemory, withContainerMemory } from './pod-memory.ts';
import { isStill, summarize, withResize } from './pod-summary.ts';
import { type PodView, viewPod } from './pod-view.ts';

/** What a plan depends on beside the pod, what runs of it and what is remembered. */
export interface PodScene extends Omit<StopScene & ResizeScene, 'isEnding'> {
  /** What is being done for this pod, by task. */
  readonly busy: ReadonlyMap<string, PodAction>;
  /** The API does not know this pod any more. */
  readonly isGone: boolean;
  /** Why the node does not keep the pod; undefined: it may stay. */
  readonly eviction?: Eviction | undefined;
  /** Of the machine, the first one first. */
  readonly hostAddresses: readonly string[];
}

/** What is to be done about a pod now. */
export interface PodPlan {
  /** With the status that it has now. */
  readonly pod: AnyPod;
  readonly actions: readonly PodAction[];
  readonly events: readonly EventText[];
  readonly memory: PodMemory;
  /** When to look again even without a change, in milliseconds since 1970. */
  readonly dueMs: number | undefined;
}

/**
 * From how a pod is to be and how it is, to what is next.
 *
 * Source: Kubernetes documentation, "Pod Lifecycle", "Init Containers", "Sidecar Containers",
 * "Container Lifecycle Hooks"; the events are those of a kubelet 1.36.
 */
export function planPod(
  pod: AnyPod,
  held: RuntimePod | undefined,
  before: PodMemory,
  scene: PodScene,
): PodPlan {
  const accepted =
    before.acceptedMs === undefined ? { ...before, acceptedMs: scene.nowMs } : before;
  if (accepted.refusal !== undefined && held === undefined)
    return planRefused(pod, accepted, scene);
  const { memory: decided, events: said } = decideEnd(pod, held, accepted, scene);
  const view = viewPod(pod, held, decided, scene.busy);
  const stateScene = { ...scene, isEnding: decided.ending !== undefined };
  const shown = withStatuses(view, stateScene);
  const stops = planStops(view, stateScene);
  const resize = stateScene.isEnding
    ? { actions: [], events: [], memory: stops.memory, dueMs: [] }
    : planResize(view, stops.memory, stateScene);
  const current = summarize(withResize(shown, resize.memory, scene), view, scene);
  const pauses = notePauses(current, view, resize.memory);
  const rest =
    decided.ending === undefined
      ? planLife(view, stateScene)
      : { actions: planEnd(current, view, scene), dueMs: [] };
  return {
    pod: current,
    actions: [...stops.actions, ...resize.actions, ...rest.actions, ...planGarbage(view)].filter(
      (action) => !isPausing(action, decided, scene),
    ),
    events: [...said, ...stops.events, ...resize.events, ...pauses.events],
    memory: pauses.memory,
    dueMs: earliestAfter(scene.nowMs, [
      ...stops.dueMs,
      ...resize.dueMs,
      ...rest.dueMs,
      activeUntilMs(current) ?? 0,
      ...Object.values(decided.failures).map(({ retryAtMs }) => retryAtMs),
    ]),
  };
}

/** It has failed a moment ago. */
function isPausing(action: PodAction, { failures }: PodMemory, { nowMs }: PodScene): boolean {
  return (failures[taskOf(action)]?.retryAtMs ?? 0) > nowMs;
}

function earliestAfter(nowMs: number, times: readonly number[]): number | undefined {
  const coming = times.filter((each) => each > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming);
}

/** Whether the pod is brought to its end, by when, and why. */
function decideEnd(
  pod: AnyPod,
  held: RuntimePod | undefined,
  memory: PodMemory,
  scene: PodScene,
): { readonly memory: PodMemory; readonly events: readonly EventText[] } {
  const { ending: before } = memory;
  const { metadata, spec } = pod;
  const isDeleted = scene.isGone || metadata?.deletionTimestamp !== undefined;
  const usual = spec?.terminationGracePeriodSeconds ?? 30;
  const deletedIn = metadata?.deletionGracePeriodSeconds ?? usual;
  // One second at least, also for those that are deleted by force.
  const isEvicted = scene.eviction !== undefined && !isPodOver(pod);
  const asked = scene.isGone || isEvicted ? 1 : isDeleted ? deletedIn : usual;
  const graceSeconds = Math.max(1, Math.min(asked, before?.graceSeconds ?? Infinity));
  const end = (because: Pick<PodEnding, 'why' | 'condition'> = {}): PodMemory => {
    if (before?.graceSeconds === graceSeconds) return memory;
    const deadlineMs = Math.min(scene.nowMs + graceSeconds * 1_000, before?.deadlineMs ?? Infinity);
    const reason = before ?? because;
    return { ...memory, ending: { ...reason, graceSeconds, deadlineMs } };
  };
  if (isDeleted || before !== undefined) return { memory: end(), events: [] };
  if (scene.eviction !== undefined && isEvicted) {
    const { message, condition } = scene.eviction;
    const why = { reason: 'Evicted', message };
    const memoryAfter = end({ why, ...(condition && { condition }) });
    return { memory: memoryAfter, events: [{ type: 'Warning', ...why }] };
  }
  const untilMs = activeUntilMs(pod);
  if (!isPodOver(pod) && untilMs !== undefined && untilMs <= scene.nowMs) {
    return {
      memory: end({ why: deadlineExceeded }),
      events: [{ type: 'Normal', ...deadlineExceeded }],
    };
  }
  const view = viewPod(pod, held, memory, scene.busy);
  const shown = withStatuses(view, { ...scene, isEnding: false });
  return { memory: isPodOver(pod) || hasEnded(shown) ? end() : memory, events: [] };
}

function withStatuses(view: PodView, scene: StopScene): AnyPod {
  return withContainers(view.pod, ({ spec }) => {
    const found = view.containers.find((each) => each.spec.name === spec.name);
    return found && containerStatus(found, view, scene);
  });
}

/** The pauses between the runs of containers that have just begun. */
function notePauses(
  pod: AnyPod,
  view: PodView,
  memory: PodMemory,
): { readonly events: readonly EventText[]; readonly memory: PodMemory } {
  const events: EventText[] = [];
  let noted = memory;
  for (const each of podContainers(pod)) {
    const found = view.containers.find(({ spec }) => spec.name === each.spec.name);
    const runId = found?.record?.id;
    if (!isBackingOff(each) || runId === undefined || found?.memory.pausedAfter === runId) continue;
    events.push(backOffEvent(each, pod));
    noted = withContainerMemory(noted, each.spec.name, (other) => ({
      ...other,
      pausedAfter: runId,
    }));
  }
  return { events, memory: noted };
}

/** How often volumes are brought up to date that nothing is known to have changed of. */
const refreshMs = 60_000;

function planLife(
  view: PodView,
  scene: StopScene,
): { readonly actions: readonly PodAction[]; readonly dueMs: readonly number[] } {
  const starts = planStarts(view, scene);
  const { memory, sandbox, busy, pod } = view;
  if (sandbox === undefined) return starts;
  const { volumes } = memory;
  const of = volumesVersion(pod, memory);
  const dueMs = volumes?.of === of ? volumes.atMs + refreshMs : 0;
  if (dueMs > scene.nowMs || busy.has('volumes')) {
    return { ...starts, dueMs: [...starts.dueMs, dueMs] };
  }
  return { ...starts, actions: [...starts.actions, { kind: 'set-up-volumes', of }] };
}

/** What files of a pod tell of it, and how often what they are made from has changed. */
function volumesVersion({ metadata }: AnyPod, { sourceChanges }: PodMemory): string {
  return JSON.stringify([metadata?.labels, metadata?.annotations, sourceChanges]);
}

/** What is left to do for a pod whose containers have ended, one thing after the other. */
function planEnd(current: AnyPod, view: PodView, scene: PodScene): readonly PodAction[] {
  const { pod, memory, sandboxes, busy } = view;
  if (!isStill(view) || busy.has('pod') || busy.has('volumes')) return [];
  const ready = sandboxes.find(({ isReady }) => isReady);
  if (ready !== undefined) return [{ kind: 'stop-sandbox', sandboxId: ready.id }];
  if (memory.isTornDown !== true) return [{ kind: 'tear-down' }];
  if (pod.metadata?.deletionTimestamp === undefined && !scene.isGone) return [];
  const [oldest] = sandboxes.slice(-1);
  if (oldest !== undefined) return [{ kind: 'remove-sandbox', sandboxId: oldest.id }];
  // Those who follow the pod see how it has ended before it goes.
  const isWritten = equalsJson((pod.status ?? {}) as never, (current.status ?? {}) as never);
  return !scene.isGone && isToBeDeleted(pod) && isWritten ? [{ kind: 'delete-pod' }] : [];
}

/** A pod that the node does not take. */
function planRefused(pod: AnyPod, memory: PodMemory, scene: PodScene): PodPlan {
  const { reason, message } = memory.refusal ?? {};
  const { status: before } = pod;
  const status: PodStatus = {
    ...before,
    startTime: before?.startTime ?? formatTime(memory.acceptedMs ?? scene.nowMs),
    ...(reason === undefined ? {} : { reason, message: `Pod was rejected: ${message}` }),
  };
  const failed = withSummary({ ...pod, status }, 'Failed', scene.nowMs, { hasSandbox: false });
  const isWritten = equalsJson((before ?? {}) as never, (failed.status ?? {}) as never);
  const isDeletable = !scene.isGone && isToBeDeleted(pod) && isWritten;
  return {
    pod: failed,
    actions: isDeletable && !scene.busy.has('pod') ? [{ kind: 'delete-pod' }] : [],
    events: [],
    memory,
    dueMs: undefined,
  };
}
