import { messageOf } from '@fairway/host';
import type { EventText } from '@fairway/reconcile';
import { containerEvent, containerWarning } from '../pod-lifecycle/container-events.ts';
import { PodError } from '../sources/pod-sources.ts';
import { runHook } from './lifecycle-hook.ts';
import type { PodAction } from './pod-action.ts';
import type { PodReason } from './pod-memory.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import type { PodWorkerParts } from './pod-worker-parts.ts';
import { hookWarning } from './plan-stops.ts';
import type { ContainerView, PodView } from './pod-view.ts';

export type StartContainer = Extract<PodAction, { readonly kind: 'start-container' }>;

/** How the start of a container has gone. */
export type StartOutcome =
  | { readonly kind: 'started'; readonly containerId: string }
  /** Nobody wants it any more. */
  | { readonly kind: 'abandoned' }
  | {
      readonly kind: 'waiting';
      readonly why: PodReason;
      readonly retryAtMs?: number;
      /** A run that has to end again. */
      readonly doomed?: { readonly containerId: string; readonly message: string };
    };

export interface StartScene {
  readonly parts: PodWorkerParts;
  readonly view: PodView;
  readonly record: (event: EventText) => void;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly signal: AbortSignal;
}

/** A hook after the start has no time of its own. */
const hookTimeoutMsMax = 86_400_000;

/** Fetches the image of a container, makes it, starts it, and does what it wants done after that. */
export async function startContainer(
  action: StartContainer,
  each: ContainerView,
  scene: StartScene,
): Promise<StartOutcome> {
  const { parts, view, record, signal } = scene;
  const { runtime } = parts;
  const { spec } = each;
  const outcome = await parts.images.ensure(view.pod, each, record);
  if (outcome.kind === 'waiting') {
    const { reason, message, retryAtMs } = outcome;
    return {
      kind: 'waiting',
      why: { reason, message },
      ...(retryAtMs === undefined ? {} : { retryAtMs }),
    };
  }
  const failed = (reason: string, error: unknown): StartOutcome => {
    const message = messageOf(error);
    record(containerWarning(each, 'Failed', `Error: ${message}`));
    return { kind: 'waiting', why: { reason, message } };
  };
  let containerId: string;
  try {
    const order = {
      pod: view.pod,
      podAddresses: view.sandbox?.addresses ?? [],
      container: spec,
      attempt: action.attempt,
      image: outcome.image,
      volumes: scene.volumes,
      targetContainerId: targetOf(each, view),
    };
    const config = await parts.configs.container(order);
    const sandboxAttempt = view.sandbox?.attempt ?? 0;
    const sandbox = await parts.configs.sandbox(view.pod, sandboxAttempt);
    await parts.untilIsolated?.(view.pod, view.sandbox?.addresses ?? []);
    if (signal.aborted) return { kind: 'abandoned' };
    containerId = await runtime.createContainer(action.sandboxId, config, sandbox);
  } catch (error) {
    if (signal.aborted) return { kind: 'abandoned' };
    const isConfig = error instanceof PodError;
    return failed(isConfig ? 'CreateContainerConfigError' : 'CreateContainerError', error);
  }
  record(containerEvent(each, 'Created', 'Container created'));
  try {
    if (signal.aborted) return { kind: 'abandoned' };
    await runtime.startContainer(containerId);
  } catch (error) {
    return failed('RunContainerError', error);
  }
  record(containerEvent(each, 'Started', 'Container started'));
  return afterStart(containerId, each, scene);
}

async function afterStart(
  containerId: string,
  each: ContainerView,
  { parts, view, record, signal }: StartScene,
): Promise<StartOutcome> {
  const hook = each.spec.lifecycle?.postStart;
  if (hook === undefined) return { kind: 'started', containerId };
  try {
    await runHook(hook, {
      ...parts,
      container: each.spec,
      containerId,
      host: view.sandbox?.addresses[0] ?? parts.hostAddresses()[0],
      timeoutMs: hookTimeoutMsMax,
      signal,
    });
    return { kind: 'started', containerId };
  } catch (error) {
    if (signal.aborted) return { kind: 'abandoned' };
    record(hookWarning(each, 'PostStart'));
    const why = { reason: 'PostStartHookError', message: messageOf(error) };
    return { kind: 'waiting', why, doomed: { containerId, message: 'FailedPostStartHook' } };
  }
}

function targetOf(each: ContainerView, { containers }: PodView): string | undefined {
  const name = (each.spec as { readonly targetContainerName?: string }).targetContainerName;
  return containers.find(({ spec }) => spec.name === name)?.record?.id;
}
