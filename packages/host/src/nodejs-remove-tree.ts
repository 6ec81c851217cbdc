import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, opendir, rename, rmdir, unlink } from 'node:fs/promises';
import { within } from './nodejs-open-at.ts';
import { codeOf } from './nodejs-system-errors.ts';

/** So many names are held at once, however many there are. */
const batchNamesMax = 1_000;

/**
 * Does what `MachineFiles.removeTree` says. A folder within is moved up to the top before it is emptied:
 * its depth costs nothing then, and the kernel refuses to move where something is mounted. Everything is
 * named by the open folder that holds it, so that no link on the way is followed.
 */
export async function removeTree(directory: string): Promise<void> {
  const top = await openFolder(directory);
  if (top === undefined) return;
  const prefix = `.removed-${randomBytes(8).toString('hex')}-`;
  let movedCount = 0;
  const empty = async (folder: FileHandle): Promise<void> => {
    for (;;) {
      const names = await firstNames(folder);
      if (names.length === 0) return;
      for (const name of names) {
        const path = within(folder, name);
        if (folder === top && name.toString('latin1').startsWith(prefix)) await removeMoved(path);
        else if (!(await removeFile(path))) await moveUp(path);
      }
    }
  };
  const moveUp = (path: Buffer): Promise<void> =>
    rename(path, within(top, Buffer.from(`${prefix}${movedCount++}`)));
  const removeMoved = async (path: Buffer): Promise<void> => {
    const folder = await openFolder(path);
    if (folder === undefined) return;
    try {
      await empty(folder);
    } finally {
      await folder.close();
    }
    await rmdir(path);
  };
  try {
    await empty(top);
  } finally {
    await top.close();
  }
  await rmdir(directory);
}

/** False for a folder. */
async function removeFile(path: Buffer): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return true;
    if (code === 'EISDIR' || code === 'EPERM') return false;
    throw error;
  }
}

/** As bytes: names of files need not be text. */
async function firstNames(folder: FileHandle): Promise<readonly Buffer[]> {
  const names: Buffer[] = [];
  const options = { encoding: 'buffer' as BufferEncoding, bufferSize: 256 };
  for await (const { name } of await opendir(`/proc/self/fd/${folder.fd}`, options)) {
    names.push(Buffer.from(name));
    if (names.length === batchNamesMax) break;
  }
  return names;
}

async function openFolder(path: string | Buffer): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  try {
    return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
