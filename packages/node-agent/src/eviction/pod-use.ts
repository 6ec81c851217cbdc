import { isMirrorPod } from '@fairway/kind-rules/pods';
import { criticalPriority } from '../container-config/container-resources.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { configAnnotation } from '../static-pods/parse-static-pod.ts';
import type { VolumeUsage } from '../volumes/volume-usage.ts';

/** What a pod takes of its node, as far as it was measured. */
export interface PodUse {
  readonly pod: AnyPod;
  readonly containers: readonly ContainerUse[];
  readonly volumes: readonly VolumeUsage[];
}

export interface ContainerUse {
  readonly name: string;
  readonly memoryBytes: number;
  /** Beside its volumes. */
  readonly writtenBytes: number;
  readonly logBytes: number;
  readonly logInodes: number;
}

export function memoryBytesOf({ containers }: PodUse): number {
  return containers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}

export function diskBytesOf(use: PodUse): number {
  const own = use.containers.reduce((sum, each) => sum + containerDiskBytes(each), 0);
  return localVolumes(use).reduce((sum, { usedBytes }) => sum + usedBytes, own);
}

export function containerDiskBytes({ writtenBytes, logBytes }: ContainerUse): number {
  return writtenBytes + logBytes;
}

export function inodesOf(use: PodUse): number {
  const own = use.containers.reduce((sum, { logInodes }) => sum + logInodes, 0);
  return localVolumes(use).reduce((sum, { inodesUsed }) => sum + inodesUsed, own);
}

/** Those that lie on the disk of the node and go with the pod. Source: kubelet, `IsLocalEphemeralVolume`. */
function localVolumes({ pod, volumes }: PodUse): readonly VolumeUsage[] {
  const local = (pod.spec?.volumes ?? []).filter(
    ({ emptyDir, configMap }) =>
      configMap !== undefined || (emptyDir !== undefined && (emptyDir.medium ?? '') === ''),
  );
  return volumes.filter(({ name }) => local.some((each) => each.name === name));
}

/** Pods that a node keeps whatever it lacks. Source: kubelet, `IsCriticalPod`. */
export function isCritical(pod: AnyPod): boolean {
  const source = pod.metadata?.annotations?.[configAnnotation.source] ?? 'api';
  return isMirrorPod(pod) || source !== 'api' || (pod.spec?.priority ?? 0) >= criticalPriority;
}
