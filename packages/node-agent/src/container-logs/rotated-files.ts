import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** `0.log.20261129-120610`: what `0.log` was before it. The names sort by their times. */
export function rotatedName(path: string, nowMs: number): string {
  const [date = '', time = ''] = new Date(nowMs).toISOString().split('T');
  return `${path}.${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`;
}

/** The earlier files of a log, the oldest first. */
export async function rotatedFiles(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  const names = await readdir(folder);
  return names
    .filter((name) => name.startsWith(start) && /^\d{8}-\d{6}$/.test(name.slice(start.length)))
    .sort()
    .map((name) => join(folder, name));
}

/** Whether another file is where the one with this inode was written. */
export async function isReplaced(path: string, inode: number): Promise<boolean> {
  const facts = await factsOf(path);
  return facts !== undefined && facts.ino !== inode;
}

/**
 * The file that was written after the one with this inode; undefined where there is none. Of one that was taken
 * away meanwhile nobody knows what came next: then it is the oldest that is there.
 */
export async function openNext(path: string, inode: number): Promise<FileHandle | undefined> {
  const files = [...(await rotatedFiles(path)), path];
  const inodes = await Promise.all(files.map(async (file) => (await factsOf(file))?.ino));
  const next = files[inodes.indexOf(inode) + 1];
  if (next === undefined) return undefined;
  try {
    return await open(next);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function factsOf(path: string): Promise<{ readonly ino: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
