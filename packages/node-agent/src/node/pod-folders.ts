import { join } from 'node:path';
import { PodError } from '../sources/pod-sources.ts';

const characterMax = 255;

/**
 * A text of a pod as one part of a path on this machine. The API refuses other names; an agent does not
 * rely on that. Errors: `PodError` for what leads elsewhere or does not fit.
 */
export function pathPart(text: string, what: string): string {
  if (isPathPart(text)) return text;
  throw new PodError(
    `${what} ${JSON.stringify(text)} cannot be that of a folder: use letters, digits, '-', '_' and '.', ${characterMax} at the most`,
  );
}

/** Whether `pathPart` takes a text. */
export function isPathPart(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text) && text.length <= characterMax;
}

/** What a pod has on this machine. */
export interface PodFolder {
  readonly path: string;
  readonly hostsFile: string;
  /** Of volumes of a kind: `kubernetes.io~empty-dir`. */
  volume(kind: string, name: string): string;
  /** Where its container of this attempt writes its termination message. */
  terminationLog(container: string, attempt: number): string;
  /** Where a part of a volume is bound for a container. */
  subPath(volume: string, container: string, index: number): string;
}

/** Errors: `PodError` for names that are no part of a path. */
export function podFolder(rootDirectory: string, podUid: string): PodFolder {
  const path = join(rootDirectory, 'pods', pathPart(podUid, 'the uid of a pod'));
  const volumeName = (name: string): string => pathPart(name, 'the name of a volume');
  const containerName = (name: string): string => pathPart(name, 'the name of a container');
  return {
    path,
    hostsFile: join(path, 'etc-hosts'),
    volume: (kind, name) => join(path, 'volumes', `kubernetes.io~${kind}`, volumeName(name)),
    terminationLog: (name, attempt) =>
      join(path, 'containers', containerName(name), String(attempt)),
    subPath: (volume, name, index) =>
      join(path, 'volume-subpaths', volumeName(volume), containerName(name), String(index)),
  };
}
