import { RuntimeError } from '../runtime/runtime-error.ts';
import { PodError } from '../sources/pod-sources.ts';
import { resourcesOf } from '../pod-lifecycle/container-status.ts';
import { runHook } from './lifecycle-hook.ts';
import { hookWarning } from './plan-stops.ts';
import { type PodAction, taskOf } from './pod-action.ts';
import { type PodMemory, withContainerMemory, withFailure, withoutFailure } from './pod-memory.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import type { PodWorkerParts } from './pod-worker-parts.ts';
import type { ContainerView, PodView } from './pod-view.ts';
import {
  type StartContainer,
  type StartOutcome,
  type StartScene,
  startContainer,
} from './start-container.ts';

export interface CarryOutScene extends Omit<StartScene, 'volumes'> {
  /** Brings the volumes of the pod up to date, one call after the other. */
  readonly setUp: PodWorkerParts['volumes']['setUp'];
}

/** What is to be remembered of an action that was carried out. */
export type MemoryChange = (memory: PodMemory) => PodMemory;

/**
 * Does one thing for a pod on the machine, and says what there is to say about it.
 *
 * Errors: when it is to be tried again.
 */
export async function carryOut(action: PodAction, scene: CarryOutScene): Promise<MemoryChange> {
  if (action.kind === 'start-container') return start(action, scene);
  const change = await doOnce(action, scene);
  return (memory) => withoutFailure(change(memory), taskOf(action));
}

async function doOnce(
  action: Exclude<PodAction, StartContainer>,
  scene: CarryOutScene,
): Promise<MemoryChange> {
  const { parts, view } = scene;
  const { runtime, clock } = parts;
  switch (action.kind) {
    case 'set-up-volumes':
      await setUpVolumes(scene);
      return (memory) => ({ ...memory, volumes: { atMs: clock.now(), of: action.of } });
    case 'start-sandbox':
      await startSandbox(action.attempt, scene);
      return same;
    case 'stop-sandbox':
      await runtime.stopSandbox(action.sandboxId);
      return same;
    case 'remove-sandbox':
      await runtime.removeSandbox(action.sandboxId);
      if (view.sandboxes.length === 1) await parts.logs.removeAll(view.pod);
      return same;
    case 'run-pre-stop':
      await runPreStop(action, scene);
      return (memory) => withPreStopDone(memory, action);
    case 'stop-container':
      await runtime.stopContainer(action.containerId, { graceMs: action.graceMs });
      return same;
    case 'resize-container': {
      await resize(action, scene);
      return (memory) => withGiven(memory, action.containerId, containerOf(view, action.name));
    }
    case 'remove-container': {
      await runtime.removeContainer(action.containerId);
      const record = view.records.find(({ id }) => id === action.containerId);
      if (record !== undefined) await parts.logs.removeOf(record);
      return same;
    }
    case 'tear-down': {
      await tearDown(view.pod.metadata?.uid ?? '', parts);
      return (memory) => ({ ...memory, isTornDown: true });
    }
    case 'delete-pod':
      await parts.pods.delete(view.pod);
      return same;
  }
}

async function start(action: StartContainer, scene: CarryOutScene): Promise<MemoryChange> {
  const each = containerOf(scene.view, action.name);
  const volumes = await setUpVolumes(scene);
  const outcome = await startContainer(action, each, { ...scene, volumes });
  return (memory) => afterStart(memory, action, { each, outcome, nowMs: scene.parts.clock.now() });
}

function afterStart(
  memory: PodMemory,
  action: StartContainer,
  {
    each,
    outcome,
    nowMs,
  }: {
    readonly each: ContainerView;
    readonly outcome: StartOutcome;
    readonly nowMs: number;
  },
): PodMemory {
  const { name } = action;
  const task = taskOf(action);
  if (outcome.kind === 'abandoned') return memory;
  if (outcome.kind === 'started') {
    const begun = withContainerMemory(memory, name, ({ pausedAfter }) =>
      pausedAfter === undefined ? {} : { pausedAfter },
    );
    return withoutFailure(withGiven(begun, outcome.containerId, each), task);
  }
  const { why, doomed, retryAtMs } = outcome;
  const noted = withContainerMemory(memory, name, (before) => ({
    ...before,
    waiting: why,
    ...(doomed === undefined ? {} : { doomed }),
  }));
  return withFailure(noted, task, { nowMs, retryAtMs });
}

/** What a run has got, as its spec said it. */
function withGiven(memory: PodMemory, containerId: string, { spec }: ContainerView): PodMemory {
  return withContainerMemory(memory, spec.name, (before) => ({
    ...before,
    given: { containerId, resources: resourcesOf(spec) },
  }));
}

/** The pod as a whole gets more before its containers do, and less after them. */
async function resize(
  action: Extract<PodAction, { readonly kind: 'resize-container' }>,
  { parts: { runtime, cgroups, configs }, view: { pod }, view }: CarryOutScene,
): Promise<void> {
  const { spec } = containerOf(view, action.name);
  await cgroups.make(pod).catch(() => undefined);
  await runtime.resizeContainer(action.containerId, configs.resources(pod, spec));
  await cgroups.make(pod);
}

function withPreStopDone(
  memory: PodMemory,
  { name, containerId }: Extract<PodAction, { readonly kind: 'run-pre-stop' }>,
): PodMemory {
  return withContainerMemory(memory, name, (before) =>
    before.ending?.containerId === containerId
      ? { ...before, ending: { ...before.ending, preStop: 'done' } }
      : before,
  );
}

const same: MemoryChange = (memory) => memory;

function containerOf({ containers }: PodView, name: string): ContainerView {
  const found = containers.find(({ spec }) => spec.name === name);
  if (found === undefined) throw new Error(`the pod has no container ${name}`);
  return found;
}

async function setUpVolumes({
  setUp,
  view,
  record,
}: CarryOutScene): Promise<ReadonlyMap<string, MountedVolume>> {
  try {
    return await setUp(view.pod);
  } catch (error) {
    if (error instanceof PodError) {
      record({ type: 'Warning', reason: 'FailedMount', message: error.message });
    }
    throw error;
  }
}

/** Takes away what was made for a pod beside its containers. Errors: while something of it is in use. */
export async function tearDown(podUid: string, parts: PodWorkerParts): Promise<void> {
  await parts.volumes.tearDown(podUid);
  parts.sources.release(podUid);
  if (!(await parts.cgroups.remove(podUid))) {
    throw new Error(`processes are left in the cgroup of the pod ${podUid}`);
  }
}

/** What was left of sandboxes before goes first: their network and whatever runs in them. */
async function startSandbox(attempt: number, scene: CarryOutScene): Promise<void> {
  const { parts, view, record, signal } = scene;
  const { runtime } = parts;
  for (const { id } of view.sandboxes) await runtime.stopSandbox(id);
  if (view.sandboxes.length > 0) {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    record({ type: 'Normal', reason: 'SandboxChanged', message });
  }
  await parts.cgroups.make(view.pod);
  await setUpVolumes(scene);
  if (signal.aborted) return;
  try {
    await runtime.startSandbox(await parts.configs.sandbox(view.pod, attempt));
  } catch (error) {
    if (error instanceof RuntimeError || error instanceof PodError) {
      const message = `Failed to create pod sandbox: ${error.message}`;
      record({ type: 'Warning', reason: 'FailedCreatePodSandBox', message });
    }
    throw error;
  }
}

async function runPreStop(
  action: Extract<PodAction, { readonly kind: 'run-pre-stop' }>,
  { parts, view, record, signal }: CarryOutScene,
): Promise<void> {
  const each = containerOf(view, action.name);
  const hook = each.spec.lifecycle?.preStop;
  if (hook === undefined) return;
  try {
    await runHook(hook, {
      ...parts,
      container: each.spec,
      containerId: action.containerId,
      host: view.sandbox?.addresses[0] ?? parts.hostAddresses()[0],
      timeoutMs: action.timeoutMs,
      signal,
    });
  } catch {
    if (!signal.aborted) record(hookWarning(each, 'PreStop'));
  }
}
