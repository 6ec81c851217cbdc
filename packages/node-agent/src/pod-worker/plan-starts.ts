import { isRestarted } from '../pod-lifecycle/pod-containers.ts';
import { restartAtMs } from '../pod-lifecycle/restart-backoff.ts';
import type { PodAction } from './pod-action.ts';
import { taskOf } from './pod-action.ts';
import { type StateScene, endedStatus, isRunAgain } from './container-state.ts';
import { type ContainerView, type PodView, isAlive } from './pod-view.ts';

/** What a look at a pod wants done, and when it wants to look again. */
export interface Wishes {
  readonly actions: readonly PodAction[];
  /** In milliseconds since 1970; those that have passed do not matter. */
  readonly dueMs: readonly number[];
}

/**
 * What brings a pod that is to run further: its sandbox, then its init containers one after the other, then all
 * others in their order, each when the one before it has been started.
 */
export function planStarts(view: PodView, scene: StateScene): Wishes {
  const { sandbox, sandboxes, containers } = view;
  if (sandbox === undefined) {
    const [dead] = sandboxes;
    const isDying = dead !== undefined && containers.some(isAlive);
    if (isDying) return whenFree(view, { kind: 'stop-sandbox', sandboxId: dead.id });
    const isWanted = containers.some((each) => startAtMs(each, view, scene) !== undefined);
    const attempt = Math.max(-1, ...sandboxes.map((each) => each.attempt)) + 1;
    return isWanted ? whenFree(view, { kind: 'start-sandbox', attempt }) : nothing;
  }
  if (containers.some(({ task }) => task?.kind === 'start-container')) return nothing;
  const dueMs: number[] = [];
  for (const each of nextInLine(view, scene)) {
    const atMs = Math.max(
      startAtMs(each, view, scene) ?? Infinity,
      view.memory.failures[startTask(each)]?.retryAtMs ?? 0,
    );
    if (atMs > scene.nowMs) dueMs.push(atMs);
    else return { actions: startOf(each, sandbox.id), dueMs };
  }
  return { actions: [], dueMs };
}

const nothing: Wishes = { actions: [], dueMs: [] };

function whenFree({ containers, busy }: PodView, action: PodAction): Wishes {
  const isBusy = busy.has('pod') || containers.some(({ task }) => task !== undefined);
  return isBusy ? nothing : { actions: [action], dueMs: [] };
}

/** Containers that may start now, as far as those before them are concerned. */
function nextInLine(view: PodView, scene: StateScene): readonly ContainerView[] {
  const isInitialized = view.containers.some((each) => each.kind === 'main' && each.isHere);
  const line: ContainerView[] = [];
  for (const each of view.containers) {
    const isWanting = startAtMs(each, view, scene) !== undefined && each.task === undefined;
    if (each.kind === 'init') {
      if (isInitialized || isDone(each)) continue;
      return isWanting ? [...line, each] : line;
    }
    if (isWanting) line.push(each);
    if (each.kind === 'sidecar' && !isInitialized && !hasStarted(each, scene)) return line;
  }
  return line;
}

/** Its work was done in this sandbox. */
function isDone({ record, isHere }: ContainerView): boolean {
  return isHere && record?.state === 'exited' && record.exitCode === 0;
}

function hasStarted(each: ContainerView, { probes }: StateScene): boolean {
  return each.isHere && isAlive(each) && probes(each).isStarted;
}

/** When a container may start, in milliseconds since 1970; undefined: it is not to. */
function startAtMs(each: ContainerView, { pod }: PodView, scene: StateScene): number | undefined {
  const { record, status: before, kind } = each;
  if (record === undefined) {
    const wasThere =
      before?.state?.terminated !== undefined || before?.state?.running !== undefined;
    if (!wasThere) return 0;
    // Nobody knows how a run has ended that is nowhere: not well.
    const ended = before.state?.terminated === undefined ? lost(each) : each;
    return kind === 'init' || isRestarted(ended, pod) ? 0 : undefined;
  }
  if (isAlive(each)) return undefined;
  if (record.state === 'created') return 0;
  const status = endedStatus(each, record, scene);
  if (isRestarted({ ...each, status }, pod)) return restartAtMs(status, scene.nowMs);
  return isRunAgain(each) ? 0 : undefined;
}

function lost({ status, ...each }: ContainerView): ContainerView {
  return {
    ...each,
    status: status && { ...status, state: { terminated: { exitCode: 137 } } },
  };
}

function startTask({ spec }: ContainerView): string {
  return taskOf({ kind: 'start-container', name: spec.name, attempt: 0, sandboxId: '' });
}

/** One that was made and never started makes room first: its volumes may be older than the pod by now. */
function startOf(each: ContainerView, sandboxId: string): readonly PodAction[] {
  const { record, status: before, spec } = each;
  if (record?.state === 'created') return [{ kind: 'remove-container', containerId: record.id }];
  const lastAttempt =
    record?.attempt ?? (before?.containerID === undefined ? -1 : before.restartCount);
  return [{ kind: 'start-container', name: spec.name, attempt: lastAttempt + 1, sandboxId }];
}
