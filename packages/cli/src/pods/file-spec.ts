import { CommandError } from '../command-error.ts';

/** A file of a pod: `POD:FILE`, `NAMESPACE/POD:FILE`. */
export interface RemoteFile {
  readonly namespace?: string;
  readonly pod: string;
  readonly path: string;
}

/** Reads a file of this machine or of a pod. Errors: `CommandError`. */
export function readFileSpec(
  text: string,
): RemoteFile | { readonly pod: undefined; readonly path: string } {
  const colon = text.indexOf(':');
  // A local file with a colon in its name is written with its folder.
  if (colon < 0 || /^[./]/.test(text)) return { pod: undefined, path: text };
  const before = text.slice(0, colon);
  const [namespace = '', pod, ...rest] = before.split('/');
  const path = text.slice(colon + 1);
  if (pod === undefined && namespace !== '') return { pod: namespace, path };
  if (pod !== undefined && pod !== '' && namespace !== '' && rest.length === 0) {
    return { namespace, pod, path };
  }
  throw new CommandError(
    `filespec must match the canonical format: [[namespace/]pod:]file/path, which ${JSON.stringify(text)} does not`,
  );
}
