import type { Container, PodSpec } from '@fairway/kinds/core/v1';

/** A pod, or the template of one. */
export interface CheckedPod {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

/** What a pod may not have. */
export interface Violation {
  /** In few words, for many pods at once: `host namespaces`. */
  readonly reason: string;
  /** What exactly of this pod: `hostNetwork=true`. */
  readonly detail: string;
}

export type Check = (pod: CheckedPod) => Violation | undefined;

/** One row of the Pod Security Standards. */
export interface Control {
  /** Ascending: from which minor version of Kubernetes on each holds. */
  readonly revisions: readonly { readonly sinceMinor: number; readonly check: Check }[];
  /** The control of the level `baseline` that this one, of `restricted`, includes from its first revision on. */
  readonly includes?: Control;
}

/** A control that was never revised. */
export function control(check: Check, sinceMinor = 0): Control {
  return { revisions: [{ sinceMinor, check }] };
}

/** All that start or run, in the order in which they start. */
export function containersOf({ spec }: CheckedPod): readonly Container[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec;
  return [...initContainers, ...containers, ...(ephemeralContainers as readonly Container[])];
}

/** The names of those for which `isBad` holds. */
export function namesOf(
  containers: readonly Container[],
  isBad: (container: Container) => boolean,
): readonly string[] {
  return containers.filter(isBad).map(({ name }) => name ?? '');
}

/** `container "a"`, `containers "a", "b"`. */
export function named(noun: string, names: readonly string[]): string {
  return `${plural(noun, names)} ${quoted(names)}`;
}

export function plural(noun: string, { length }: { readonly length: number }): string {
  return length === 1 ? noun : `${noun}s`;
}

/** What one does, or what several do. */
export function uses({ length }: { readonly length: number }): string {
  return length === 1 ? 'uses' : 'use';
}

/** `"a", "b"` */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** Each once, in the order of their letters. */
export function sorted(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}

/** `pod and containers "a", "b"`: where a field is set that may be set in both places. */
export function setters(isSetByPod: boolean, containers: readonly string[]): string {
  return [
    ...(isSetByPod ? ['pod'] : []),
    ...(containers.length > 0 ? [named('container', containers)] : []),
  ].join(' and ');
}

/** Its containers run as nobody who is somebody on the node. Source: KEP-127. */
export function isInUserNamespace({ spec }: CheckedPod): boolean {
  return spec.hostUsers === false;
}

/** The same check where the pod is not declared to be for Windows. */
export function notOnWindows(check: Check): Check {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod));
}

/** The same check where the pod shares the users of its node. */
export function notInUserNamespace(check: Check): Check {
  return (pod) => (isInUserNamespace(pod) ? undefined : check(pod));
}
