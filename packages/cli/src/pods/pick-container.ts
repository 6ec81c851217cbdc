import type { Pod } from '@fairway/kinds/core/v1';
import { CommandError } from '../command-error.ts';

/** Who asks for no container is led to the one that this names. */
const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container';

/** A container, and what is to be said of how it was chosen. */
export interface PickedContainer {
  readonly name: string;
  /** Undefined where nothing had to be chosen. */
  readonly note: string | undefined;
}

/** Every container of a pod by its name, in the order in which they start. */
export function containerNames({ spec }: Pod): readonly string[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec ?? {};
  return [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name);
}

/**
 * The container that is meant: the one that is named, else the one of the annotation, else the first.
 *
 * Errors: `CommandError` where the pod has none of the name.
 */
export function pickContainer(pod: Pod, wanted: string | undefined): PickedContainer {
  const names = containerNames(pod);
  const { name: podName = '', annotations = {} } = pod.metadata ?? {};
  if (wanted !== undefined) {
    if (names.includes(wanted)) return { name: wanted, note: undefined };
    throw new CommandError(
      `container ${wanted} is not valid for pod ${podName}: it has ${describeContainers(pod)}`,
    );
  }
  const annotated = annotations[defaultContainerAnnotation] ?? '';
  if (names.includes(annotated)) return { name: annotated, note: undefined };
  const name = pod.spec?.containers?.[0]?.name;
  if (name === undefined) throw new CommandError(`pod ${podName} does not have any containers`);
  const absent =
    annotated === '' ? '' : `Default container name "${annotated}" not found in pod ${podName}\n`;
  const several =
    names.length > 1 ? `Defaulted container "${name}" out of: ${describeContainers(pod)}\n` : '';
  return { name, note: absent + several || undefined };
}

function describeContainers({ spec }: Pod): string {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec ?? {};
  return [
    ...containers.map(({ name }) => name),
    ...ephemeralContainers.map(({ name }) => `${name} (ephem)`),
    ...initContainers.map(({ name }) => `${name} (init)`),
  ].join(', ');
}
