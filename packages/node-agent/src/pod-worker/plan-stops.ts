import type { EventText } from '@fairway/reconcile';
import { containerWarning, stoppingEvent } from '../pod-lifecycle/container-events.ts';
import { isRestarted } from '../pod-lifecycle/pod-containers.ts';
import type { ContainerRecord } from '../runtime/container.ts';
import type { PodAction } from './pod-action.ts';
import { type StateScene, endedStatus } from './container-state.ts';
import type { Wishes } from './plan-starts.ts';
import { type ContainerEnding, type PodMemory, withContainerMemory } from './pod-memory.ts';
import { type ContainerView, type PodView, isAlive } from './pod-view.ts';

/** However short the time of a pod is, its containers are asked before they are killed. */
const graceMsMin = 2_000;
/** What a second request to end has to gain before it is made. */
const gainMsMin = 500;

export interface StopScene extends StateScene {
  /** Whether a run is not what its spec asks for any more, so that another has to take its place. */
  readonly isOutdated: (record: ContainerRecord, each: ContainerView) => boolean;
}

export interface StopWishes extends Wishes {
  readonly events: readonly EventText[];
  readonly memory: PodMemory;
}

/** What ends the containers of a pod that are to end: all of them, or those that cannot go on. */
export function planStops(view: PodView, scene: StopScene): StopWishes {
  let { memory } = view;
  const actions: PodAction[] = [];
  const events: EventText[] = [];
  const dueMs: number[] = [];
  for (const each of view.containers) {
    const { record, spec } = each;
    if (record === undefined || !isAlive(each)) continue;
    const wanted = wantedEnding(each, view, scene);
    if (wanted === undefined) continue;
    const before = each.memory.ending;
    const known = before?.containerId === record.id ? before : undefined;
    if (known === undefined) events.push(stoppingEvent(each, wanted.message));
    const deadlineMs = Math.min(wanted.deadlineMs, known?.deadlineMs ?? Infinity);
    const ending = known ?? {
      containerId: record.id,
      deadlineMs,
      preStop: firstStep(each, deadlineMs, scene),
    };
    const step = nextStep(each, { ...ending, deadlineMs }, { view, scene });
    actions.push(...step.actions);
    dueMs.push(...step.dueMs);
    memory = withContainerMemory(memory, spec.name, (other) => ({ ...other, ending: step.ending }));
  }
  return { actions, events, dueMs, memory };
}

interface WantedEnding {
  /** In place of the usual words of its event. */
  readonly message?: string;
  readonly deadlineMs: number;
}

/** Until when a run has to end; undefined: it may go on. */
function wantedEnding(
  each: ContainerView,
  { pod, memory, sandbox }: PodView,
  scene: StopScene,
): WantedEnding | undefined {
  const { record, spec } = each;
  if (record === undefined) return undefined;
  if (memory.ending !== undefined) return { deadlineMs: memory.ending.deadlineMs };
  const graceSeconds = pod.spec?.terminationGracePeriodSeconds ?? 30;
  const within = (message: string, seconds = graceSeconds): WantedEnding => {
    const ended = endedStatus(each, { ...record, exitCode: 137 }, scene);
    const isAgain = isRestarted({ ...each, status: ended }, pod);
    return {
      message: isAgain ? `${message}, will be restarted` : message,
      deadlineMs: scene.nowMs + seconds * 1_000,
    };
  };
  const { doomed, ending } = each.memory;
  if (ending?.containerId === record.id) return { deadlineMs: ending.deadlineMs };
  if (doomed?.containerId === record.id) return { ...within(''), message: doomed.message };
  if (record.state === 'unknown') {
    return within(`Container ${spec.name} is in "unknown" state, try killing it before restart`);
  }
  // Its sandbox has died and it outlived that, or all of its pod begins anew.
  if (sandbox !== undefined && !each.isHere) return { deadlineMs: scene.nowMs };
  const { failed } = scene.probes(each);
  if (failed !== undefined) {
    return within(`Container ${spec.name} failed ${failed.probe} probe`, failed.graceSeconds);
  }
  return scene.isOutdated(record, each)
    ? within(`Container ${spec.name} definition changed`)
    : undefined;
}

function firstStep(
  { spec }: ContainerView,
  deadlineMs: number,
  { nowMs }: StateScene,
): ContainerEnding['preStop'] {
  return spec.lifecycle?.preStop !== undefined && deadlineMs > nowMs ? 'due' : 'done';
}

interface Step {
  readonly ending: ContainerEnding;
  readonly actions: readonly PodAction[];
  readonly dueMs: readonly number[];
}

/** Its hook first, then those whom it serves, then itself. */
function nextStep(
  each: ContainerView,
  ending: ContainerEnding,
  { view, scene: { nowMs } }: { readonly view: PodView; readonly scene: StopScene },
): Step {
  const { deadlineMs, containerId } = ending;
  const { name } = each.spec;
  const isLate = deadlineMs <= nowMs;
  const step = (after: ContainerEnding, ...actions: readonly PodAction[]): Step => ({
    ending: after,
    actions,
    dueMs: [deadlineMs],
  });
  const { task } = each;
  if (ending.preStop === 'due') {
    if (task !== undefined) return step(ending);
    const timeoutMs = deadlineMs - nowMs;
    if (timeoutMs > 0) {
      const action = { kind: 'run-pre-stop', name, containerId, timeoutMs } as const;
      return step({ ...ending, preStop: 'begun' }, action);
    }
  }
  if (ending.preStop === 'begun' && task?.kind === 'run-pre-stop' && !isLate) return step(ending);
  if (!isLate && view.memory.ending !== undefined && isAwaited(each, view)) return step(ending);
  const graceMs = Math.max(graceMsMin, deadlineMs - nowMs);
  const killedAtMs = nowMs + graceMs;
  const isAsked = task?.kind === 'stop-container' && ending.killedAtMs !== undefined;
  if (isAsked && (ending.killedAtMs ?? 0) - killedAtMs < gainMsMin) return step(ending);
  return step(
    { ...ending, preStop: 'done', killedAtMs },
    { kind: 'stop-container', name, containerId, graceMs },
  );
}

/** Sidecars end in the reverse of their order, after all others that they may serve. */
function isAwaited(each: ContainerView, { containers }: PodView): boolean {
  if (each.kind !== 'sidecar') return false;
  const at = containers.indexOf(each);
  return containers.some(
    (other, index) =>
      isAlive(other) && (other.kind !== 'sidecar' ? other.kind === 'main' : index > at),
  );
}

/** The hook of a container has failed. */
export function hookWarning(each: ContainerView, hook: 'PostStart' | 'PreStop'): EventText {
  return containerWarning(each, `Failed${hook}Hook`, `${hook}Hook failed`);
}
