import type { ContainerStatus, Pod, PodStatus } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { ContainerSpec } from './container-status.ts';

export type AnyPod = DeepReadonly<Pod>;

/** A container of a pod, and how it is; one without a status has not been looked at yet. */
export interface PodContainer {
  readonly spec: ContainerSpec;
  readonly status: ContainerStatus | undefined;
  readonly kind: 'init' | 'sidecar' | 'main' | 'ephemeral';
}

/** How messages of a kubelet name a pod: `web_default(uid)`. */
export function fullPodName({ metadata }: AnyPod): string {
  return `${metadata?.name}_${metadata?.namespace}(${metadata?.uid})`;
}

/** All containers of a pod, in the order in which they start. */
export function podContainers({ spec, status }: AnyPod): readonly PodContainer[] {
  const init = spec?.initContainers ?? [];
  const ephemeral = spec?.ephemeralContainers ?? [];
  return [
    ...init.map((each): PodContainer => ({
      spec: each,
      status: named(status?.initContainerStatuses, each.name),
      kind: each.restartPolicy === 'Always' ? 'sidecar' : 'init',
    })),
    ...(spec?.containers ?? []).map((each): PodContainer => ({
      spec: each,
      status: named(status?.containerStatuses, each.name),
      kind: 'main',
    })),
    ...ephemeral.map((each): PodContainer => ({
      spec: each,
      status: named(status?.ephemeralContainerStatuses, each.name),
      kind: 'ephemeral',
    })),
  ];
}

function named(
  statuses: readonly ContainerStatus[] | undefined,
  name: string,
): ContainerStatus | undefined {
  return statuses?.find((each) => each.name === name);
}

/**
 * The pod with other statuses of its containers; the same pod where `change` answers each as it was. One
 * for which it answers undefined has no status.
 */
export function withContainers<P extends AnyPod>(
  pod: P,
  change: (container: PodContainer) => ContainerStatus | undefined,
): P {
  const containers = podContainers(pod);
  const changed = containers.map((each) => ({ ...each, status: change(each) }));
  if (changed.every(({ status }, index) => status === containers[index]?.status)) return pod;
  const statusesOf = (...kinds: readonly PodContainer['kind'][]): readonly ContainerStatus[] =>
    changed.flatMap(({ kind, status }) => (kinds.includes(kind) && status ? [status] : []));
  const init = statusesOf('init', 'sidecar');
  const ephemeral = statusesOf('ephemeral');
  const status: PodStatus = {
    ...pod.status,
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: statusesOf('main'),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
  };
  return { ...pod, status };
}

/** Its program runs now. */
export function isRunning({ status }: PodContainer): boolean {
  return status?.state?.running !== undefined;
}

/** Its program has ended, and nobody has decided yet to start it again. */
export function hasExited({ status }: PodContainer): boolean {
  return status?.state?.terminated !== undefined;
}

/** It has ended and waits for its next start. */
export function isBackingOff({ status }: PodContainer): boolean {
  return status?.state?.waiting?.reason === 'CrashLoopBackOff';
}

/** Whether a kubelet starts a container again that has ended so. */
export function isRestarted({ spec, status, kind }: PodContainer, pod: AnyPod): boolean {
  const exitCode = status?.state?.terminated?.exitCode ?? status?.lastState?.terminated?.exitCode;
  if (kind === 'ephemeral') return false;
  if (kind === 'sidecar') return true;
  if (exitCode !== undefined && restartRule(spec, exitCode) !== undefined) return true;
  const { restartPolicy = pod.spec?.restartPolicy ?? 'Always' } = spec;
  if (restartPolicy === 'OnFailure' || (kind === 'init' && restartPolicy === 'Always')) {
    return exitCode !== 0;
  }
  return restartPolicy === 'Always';
}

/** The first rule of a container that is about this exit code, and says what follows from it. */
export function restartRule(
  { restartPolicyRules = [] }: ContainerSpec,
  exitCode: number,
): 'Restart' | 'RestartAllContainers' | undefined {
  const rule = restartPolicyRules.find(({ exitCodes }) => {
    if (exitCodes === undefined) return false;
    const isNamed = exitCodes.values?.includes(exitCode) === true;
    return exitCodes.operator === 'NotIn' ? !isNamed : isNamed;
  });
  const action = rule?.action;
  return action === 'Restart' || action === 'RestartAllContainers' ? action : undefined;
}
