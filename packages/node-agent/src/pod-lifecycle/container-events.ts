import type { EventText } from '@fairway/reconcile';
import { type AnyPod, type PodContainer, isBackingOff, podContainers } from './pod-containers.ts';

/**
 * What there is to say about how the containers of a pod have changed.
 *
 * Source: the events of a kubelet 1.36.
 */
export function containerEvents(before: AnyPod, after: AnyPod): readonly EventText[] {
  const known = new Map(podContainers(before).map((each) => [each.spec.name, each]));
  return podContainers(after).flatMap((each) => eventsOf(known.get(each.spec.name), each));
}

function eventsOf(before: PodContainer | undefined, after: PodContainer): readonly EventText[] {
  const { spec, status } = after;
  if (status === undefined || status === before?.status) return [];
  const fieldPath = containerField(after);
  const normal = (reason: string, message: string): EventText => ({
    type: 'Normal',
    reason,
    message,
    fieldPath,
  });
  const image = JSON.stringify(spec.image ?? '');
  const isNewRun =
    status.containerID !== undefined && status.containerID !== before?.status?.containerID;
  const isNewPause = isBackingOff(after) && !(before !== undefined && isBackingOff(before));
  return [
    ...(isNewRun
      ? [
          normal(
            'Pulled',
            `Container image ${image} already present on machine and can be accessed by the pod`,
          ),
          normal('Created', 'Container created'),
          normal('Started', 'Container started'),
        ]
      : []),
    ...(isNewPause
      ? [{ ...normal('BackOff', backOffMessage(after)), type: 'Warning' } as const]
      : []),
  ];
}

function backOffMessage({ spec, status }: PodContainer): string {
  const pod = /pod=(\S+)$/.exec(status?.state?.waiting?.message ?? '')?.[1] ?? '';
  return `Back-off restarting failed container ${spec.name} in pod ${pod}`;
}

/** A kubelet asks a container to end. */
export function stoppingEvent(container: PodContainer): EventText {
  const { name } = container.spec;
  const fieldPath = containerField(container);
  return { type: 'Normal', reason: 'Killing', message: `Stopping container ${name}`, fieldPath };
}

function containerField({ kind, spec }: PodContainer): string {
  const lists = { init: 'initContainers', sidecar: 'initContainers', main: 'containers' };
  const list = kind === 'ephemeral' ? 'ephemeralContainers' : lists[kind];
  return `spec.${list}{${spec.name}}`;
}
