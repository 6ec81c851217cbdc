import type { ContainerStatus } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { NodePod } from './kubelet-parts.ts';

/** Whose log is meant: a container by its identifier in a status, or why there is none. */
export type LoggedContainer =
  | { readonly kind: 'container'; readonly containerId: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * The container whose log is meant by a name: the one that runs, or the last one that did. Says in the words
 * of a kubelet why there is none.
 */
export function loggedContainer(
  { metadata, status }: NodePod,
  name: string,
  { previous }: { readonly previous: boolean },
): LoggedContainer {
  const where = `${JSON.stringify(name)} in pod ${JSON.stringify(metadata?.name ?? '')}`;
  const of = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ].find((each) => each.name === name);
  if (of === undefined) return none(`container ${where} is not available`);
  const last = identified(of.lastState?.terminated?.containerID);
  if (previous) return last ?? none(`previous terminated container ${where} not found`);
  const { running, terminated, waiting } = of.state ?? {};
  if (running !== undefined) return { kind: 'container', containerId: of.containerID ?? '' };
  if (terminated !== undefined || of.lastState?.terminated !== undefined) {
    const ended = identified(terminated?.containerID) ?? last;
    return ended ?? none(`container ${where} is terminated`);
  }
  return none(`container ${where} is waiting to start${whyWaiting(waiting)}`);
}

function none(why: string): LoggedContainer {
  return { kind: 'none', why };
}

function identified(containerId = ''): LoggedContainer | undefined {
  return containerId === '' ? undefined : { kind: 'container', containerId };
}

function whyWaiting(
  waiting: NonNullable<DeepReadonly<ContainerStatus>['state']>['waiting'],
): string {
  if (waiting === undefined) return ' - no logs yet';
  if (waiting.reason === 'ErrImagePull') return ": image can't be pulled";
  if (waiting.reason === 'ImagePullBackOff') return ': trying and failing to pull image';
  return `: ${waiting.reason ?? ''}`;
}
