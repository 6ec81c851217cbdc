import { equalsJson } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';
import { type ContainerSpec, resourcesOf } from '../pod-lifecycle/container-status.ts';
import { type StateScene, givenResources } from './container-state.ts';
import type { PodAction } from './pod-action.ts';
import { type PodMemory, type PodReason, withContainerMemory } from './pod-memory.ts';
import { type ContainerView, type PodView, isAlive } from './pod-view.ts';

export interface ResizeScene extends StateScene {
  /** Why the node cannot give the pod what it asks for now: `Infeasible` or `Deferred`; undefined: it can. */
  readonly resizeProblem: () => PodReason | undefined;
}

export interface ResizeWishes {
  readonly actions: readonly PodAction[];
  readonly events: readonly EventText[];
  readonly memory: PodMemory;
  readonly dueMs: readonly number[];
}

/** How soon a node is asked again that had not enough left. */
const retryMs = 10_000;

/**
 * What brings the containers of a pod to the resources that its spec asks for now: in place, or by another run
 * where their policy says so.
 *
 * Source: KEP-1287, in-place update of pod resources; the events are those of a kubelet 1.36.
 */
export function planResize(view: PodView, memory: PodMemory, scene: ResizeScene): ResizeWishes {
  const changing = view.containers.filter((each) => isChanging(each, scene));
  const { resize } = memory;
  if (changing.length === 0) {
    const { resize: _, ...rest } = memory;
    const isDone = resize?.kind === 'begun';
    return {
      actions: [],
      dueMs: [],
      memory: resize === undefined ? memory : rest,
      events: isDone ? [resizeEvent(view, 'completed')] : [],
    };
  }
  const problem = scene.resizeProblem();
  if (problem !== undefined) {
    const isKnown = resize?.kind === 'pending' && resize.why.message === problem.message;
    return {
      actions: [],
      dueMs: [scene.nowMs + retryMs],
      memory: { ...memory, resize: { kind: 'pending', why: problem } },
      events: isKnown ? [] : [resizeEvent(view, problem.reason.toLowerCase(), problem.message)],
    };
  }
  let after: PodMemory = { ...memory, resize: { kind: 'begun' } };
  const actions: PodAction[] = [];
  for (const each of changing) {
    const { record, spec, task } = each;
    if (record === undefined || task !== undefined) continue;
    if (needsRestart(each, scene)) {
      const doomed = {
        containerId: record.id,
        message: `Container ${spec.name} resize requires restart`,
      };
      after = withContainerMemory(after, spec.name, (before) => ({ ...before, doomed }));
    } else {
      actions.push({ kind: 'resize-container', name: spec.name, containerId: record.id });
    }
  }
  const events = resize?.kind === 'begun' ? [] : [resizeEvent(view, 'started')];
  return { actions, events, memory: after, dueMs: [] };
}

function isChanging(each: ContainerView, scene: StateScene): boolean {
  if (each.kind !== 'main' && each.kind !== 'sidecar') return false;
  if (!isAlive(each) || !each.isHere) return false;
  return !equalsJson(givenResources(each, scene) as never, resourcesOf(each.spec) as never);
}

function needsRestart(each: ContainerView, scene: StateScene): boolean {
  const { resources: given } = givenResources(each, scene);
  const wanted = each.spec.resources;
  return (each.spec.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' &&
      (given?.limits?.[resourceName] !== wanted?.limits?.[resourceName] ||
        given?.requests?.[resourceName] !== wanted?.requests?.[resourceName]),
  );
}

function resizeEvent({ pod }: PodView, how: string, error?: string): EventText {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const told = {
    containers: [...sidecars, ...containers].map(({ name, resources }) => ({
      name,
      resources: shownResources(resources),
    })),
    generation: pod.metadata?.generation,
    ...(error === undefined ? {} : { error }),
  };
  const word = `${how[0]?.toUpperCase()}${how.slice(1)}`;
  return {
    type: error === undefined ? 'Normal' : 'Warning',
    reason: `Resize${word}`,
    message: `Pod resize ${how}: ${JSON.stringify(told)}`,
  };
}

function shownResources({
  limits,
  requests,
}: NonNullable<ContainerSpec['resources']> = {}): object {
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(requests === undefined ? {} : { requests }),
  };
}
