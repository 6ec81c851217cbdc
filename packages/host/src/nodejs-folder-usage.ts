import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir } from 'node:fs/promises';
import type { FolderUsage } from './machine-files.ts';
import { openAt, within } from './nodejs-open-at.ts';
import { codeOf } from './nodejs-system-errors.ts';

/** What lies deeper is not counted: each level is held open. */
const depthMax = 200;

/** Does what `MachineFiles.usage` says. Source: du(1), with `--one-file-system`. */
export async function folderUsage(directory: string): Promise<FolderUsage> {
  await using top = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  const { dev, blocks } = await top.stat();
  const count = { usedBytes: blocks * blockBytes, inodesUsed: 1 };
  const linked = new Set<number>();
  const add = async (folder: FileHandle, depth: number): Promise<void> => {
    const options = { encoding: 'buffer' as BufferEncoding };
    for await (const { name } of await opendir(`/proc/self/fd/${folder.fd}`, options)) {
      const facts = await unlessGone(lstat(within(folder, name)));
      if (facts === undefined || facts.dev !== dev) continue;
      const isDirectory = facts.isDirectory();
      // A file of several names counts once.
      if (!isDirectory && facts.nlink > 1 && linked.has(facts.ino)) continue;
      if (!isDirectory && facts.nlink > 1) linked.add(facts.ino);
      count.usedBytes += facts.blocks * blockBytes;
      count.inodesUsed += 1;
      if (!isDirectory || depth === depthMax) continue;
      const flags = constants.O_RDONLY | constants.O_DIRECTORY;
      const opened = await unlessGone(openAt(folder, name, flags));
      if (opened === undefined) continue;
      await using inner = opened;
      await add(inner, depth + 1);
    }
  };
  await add(top, 0);
  return count;
}

/** Source: stat(2). */
const blockBytes = 512;

/** Containers write meanwhile. */
async function unlessGone<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}
