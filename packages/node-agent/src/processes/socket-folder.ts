import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Opens a folder for the sockets in it. */
export function openFolder(directory: string): Promise<FileHandle> {
  return open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** However long the path of the folder is, that of a socket has to be short. */
export function socketIn({ fd }: FileHandle, name: string): string {
  return `/proc/self/fd/${fd}/${name}`;
}
