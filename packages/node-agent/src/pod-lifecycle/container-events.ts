import type { EventText } from '@fairway/reconcile';
import {
  type AnyPod,
  type PodContainer,
  fullPodName,
  isBackingOff,
  podContainers,
} from './pod-containers.ts';

/**
 * What there is to say about how the containers of a pod have changed.
 *
 * Source: the events of a kubelet 1.36.
 */
export function containerEvents(before: AnyPod, after: AnyPod): readonly EventText[] {
  const known = new Map(podContainers(before).map((each) => [each.spec.name, each]));
  return podContainers(after).flatMap((each) => eventsOf(known.get(each.spec.name), each, after));
}

function eventsOf(
  before: PodContainer | undefined,
  after: PodContainer,
  pod: AnyPod,
): readonly EventText[] {
  const { spec, status } = after;
  if (status === undefined || status === before?.status) return [];
  const image = JSON.stringify(spec.image ?? '');
  const isNewRun =
    status.containerID !== undefined && status.containerID !== before?.status?.containerID;
  const isNewPause = isBackingOff(after) && !(before !== undefined && isBackingOff(before));
  return [
    ...(isNewRun
      ? [
          containerEvent(
            after,
            'Pulled',
            `Container image ${image} already present on machine and can be accessed by the pod`,
          ),
          containerEvent(after, 'Created', 'Container created'),
          containerEvent(after, 'Started', 'Container started'),
        ]
      : []),
    ...(isNewPause ? [backOffEvent(after, pod)] : []),
  ];
}

/** Something that is as it should be, about one container. */
export function containerEvent(
  container: PodContainer,
  reason: string,
  message: string,
): EventText {
  return { type: 'Normal', reason, message, fieldPath: containerField(container) };
}

/** Something that is wrong with one container. */
export function containerWarning(
  container: PodContainer,
  reason: string,
  message: string,
): EventText {
  return { type: 'Warning', reason, message, fieldPath: containerField(container) };
}

/** A kubelet waits before it starts a container again. */
export function backOffEvent(container: PodContainer, pod: AnyPod): EventText {
  const message = `Back-off restarting failed container ${container.spec.name} in pod ${fullPodName(pod)}`;
  return containerWarning(container, 'BackOff', message);
}

/** A kubelet asks a container to end; `why`: instead of its own usual words. */
export function stoppingEvent(container: PodContainer, why?: string): EventText {
  return containerEvent(container, 'Killing', why ?? `Stopping container ${container.spec.name}`);
}

function containerField({ kind, spec }: PodContainer): string {
  const lists = { init: 'initContainers', sidecar: 'initContainers', main: 'containers' };
  const list = kind === 'ephemeral' ? 'ephemeralContainers' : lists[kind];
  return `spec.${list}{${spec.name}}`;
}
