import { statfs } from 'node:fs/promises';
import type { FileSystemFacts } from './files.ts';

/** What `Files.fileSystem` answers, on this machine. */
export async function fileSystem(path: string): Promise<FileSystemFacts> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(path);
  return {
    sizeBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    inodes: files,
    freeInodes: ffree,
  };
}
