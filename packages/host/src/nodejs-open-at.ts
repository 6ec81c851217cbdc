import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from './nodejs-system-errors.ts';

/** Opens a place and not what is there: no device or pipe notices. Source: open(2), O_PATH. */
export const pathOnly = 0o10000000;

/**
 * Opens what an open folder holds under one name, without following a link: what `openat` is, which
 * Node.js does not have. Undefined when there is no such thing.
 */
export async function openAt(
  folder: FileHandle,
  name: string | Buffer,
  flags: number,
): Promise<FileHandle | undefined> {
  try {
    return await open(within(folder, name), flags | constants.O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The path of a name in an open folder, wherever that is by now. */
export function within(folder: FileHandle, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), Buffer.from(name)]);
}
