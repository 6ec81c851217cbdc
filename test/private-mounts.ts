import { readFile } from 'node:fs/promises';

/** What everybody sees of the files that `fairway run` mounts for its program alone: nothing, unless some leaked. */
export async function leakedPrivateMounts(): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  // The file system that holds the files, and the place at which it is put together.
  return lines.filter((line) => / - tmpfs fairway /.test(line) || / \/proc\/driver[/ ]/.test(line));
}
