import { readdir, readlink } from 'node:fs/promises';

/** All processes of the machine; each may have ended by the time it is looked at. */
export async function processIds(): Promise<readonly number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/**
 * The view of the file system that a process has, by which it is told whose it is: every container has its own.
 * Undefined when there is no such process.
 */
export async function mountsOf(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
}
