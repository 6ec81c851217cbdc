import type { ContainerSpec } from '../pod-lifecycle/container-status.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { podIdentity } from './pod-identity.ts';

/** The labels by which kubelets, and whoever looks at a runtime, know pods and containers. */
export const podLabel = {
  name: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
} as const;

const podAnnotation = {
  deletionGracePeriod: 'io.kubernetes.pod.deletionGracePeriod',
  terminationGracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
} as const;

/** What a container was started from, for an agent that finds it after its own restart. */
export const containerAnnotation = {
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  preStopHandler: 'io.kubernetes.container.preStopHandler',
  ports: 'io.kubernetes.container.ports',
} as const;

export function sandboxLabels(pod: AnyPod): Record<string, string> {
  return { ...pod.metadata?.labels, ...identityLabels(pod) };
}

export function containerLabels(pod: AnyPod, { name }: ContainerSpec): Record<string, string> {
  return { ...identityLabels(pod), [podLabel.container]: name };
}

function identityLabels(pod: AnyPod): Record<string, string> {
  const { name, namespace, uid } = podIdentity(pod);
  return { [podLabel.name]: name, [podLabel.namespace]: namespace, [podLabel.uid]: uid };
}

export function containerAnnotations(
  { metadata, spec }: AnyPod,
  container: ContainerSpec,
  restartCount: number,
): Record<string, string> {
  const { terminationMessagePath, terminationMessagePolicy, lifecycle, ports = [] } = container;
  const written: Readonly<Record<string, string | number | undefined>> = {
    [containerAnnotation.hash]: containerHash(container),
    [containerAnnotation.restartCount]: restartCount,
    [containerAnnotation.terminationMessagePath]: terminationMessagePath ?? '',
    [containerAnnotation.terminationMessagePolicy]: terminationMessagePolicy ?? '',
    [podAnnotation.deletionGracePeriod]: metadata?.deletionGracePeriodSeconds,
    [podAnnotation.terminationGracePeriod]: spec?.terminationGracePeriodSeconds,
    [containerAnnotation.preStopHandler]: lifecycle?.preStop && JSON.stringify(lifecycle.preStop),
    [containerAnnotation.ports]: ports.length === 0 ? undefined : JSON.stringify(ports),
  };
  return Object.fromEntries(
    Object.entries(written).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

/**
 * Differs when a container has to be made anew because its pod was changed: another name or image, as a
 * kubelet sees it. Source: FNV-1a, 32 bits.
 */
export function containerHash({ name, image = '' }: ContainerSpec): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify({ image, name }))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
