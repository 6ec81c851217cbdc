import { apiError, badRequest } from '@fairway/protocol';

/** A container as a path names it. */
export interface ContainerPath {
  readonly namespace: string;
  readonly pod: string;
  /** Of the pod; absent: whichever has the name. */
  readonly uid?: string;
  readonly container: string;
}

/** The parts of a path, decoded: authorization and routing read the same. Errors: BadRequest. */
export function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').slice(1).split('/').map(decoded);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`${JSON.stringify(segment)} is not percent-encoded UTF-8`);
  }
}

/** `/WAY/NAMESPACE/POD/CONTAINER` or `/WAY/NAMESPACE/POD/UID/CONTAINER`. Errors: NotFound. */
export function containerPath(segments: readonly string[]): ContainerPath {
  const [, namespace, pod, ...rest] = segments;
  const container = rest.at(-1);
  if (namespace === undefined || pod === undefined || container === undefined || rest.length > 2) {
    throw pageNotFound();
  }
  const [uid] = rest;
  const named = { namespace, pod, container };
  return rest.length === 1 || uid === undefined ? named : { ...named, uid };
}

/** `/WAY/NAMESPACE/POD` or `/WAY/NAMESPACE/POD/UID`. Errors: NotFound. */
export function podPath(segments: readonly string[]): Omit<ContainerPath, 'container'> {
  const [, namespace, pod, uid, ...rest] = segments;
  if (namespace === undefined || pod === undefined || rest.length > 0) throw pageNotFound();
  return { namespace, pod, ...(uid === undefined ? {} : { uid }) };
}

/** Whether what a path leads to is a stream. */
export function isStream(path: string): boolean {
  return streams.has(path.split('/', 2)[1] ?? '');
}

const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portForward']);

export function pageNotFound(): Error {
  return apiError('NotFound', '404 page not found');
}
