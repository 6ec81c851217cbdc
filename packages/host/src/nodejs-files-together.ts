import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { NewFile } from './files.ts';

/** An owner or a group that stays. Source: chown(2). */
const own = 0xffff_ffff;

/** The link that readers go through; it leads to the folder of the files of now. */
const dataLink = '..data';

/**
 * Does what `Files.writeTogether` says. Source: Kubernetes documentation, "Mounted ConfigMaps are
 * updated automatically"; the kubelet's volumes look the same from within a pod.
 */
export async function writeTogether(
  directory: string,
  files: ReadonlyMap<string, NewFile>,
): Promise<void> {
  for (const path of files.keys()) refuseOutside(path);
  await mkdir(directory, { recursive: true });
  // Whatever mask of permissions this process has: others read it too, and all of its files.
  await chmod(directory, 0o755);
  const before = await currentFolder(directory);
  const folder = `..${randomBytes(8).toString('hex')}`;
  try {
    await writeAll(join(directory, folder), files);
    const draft = join(directory, '..data_tmp');
    await rm(draft, { force: true });
    await symlink(folder, draft);
    await rename(draft, join(directory, dataLink));
  } catch (error) {
    await rm(join(directory, folder), { recursive: true, force: true });
    throw error;
  }
  await linkNames(directory, new Set([...files.keys()].map(firstPart)));
  if (before !== undefined) await rm(join(directory, before), { recursive: true, force: true });
}

async function currentFolder(directory: string): Promise<string | undefined> {
  try {
    return await readlink(join(directory, dataLink));
  } catch {
    return undefined; // Nothing was written there before.
  }
}

async function writeAll(folder: string, files: ReadonlyMap<string, NewFile>): Promise<void> {
  await mkdir(folder);
  await chmod(folder, 0o755);
  for (const [name, { bytes, mode, userId, groupId }] of files) {
    const path = join(folder, name);
    for (const each of foldersOf(name)) {
      await mkdir(join(folder, each), { recursive: true });
      await chmod(join(folder, each), 0o755);
    }
    // Nobody else reads it before it is theirs.
    await writeFile(path, bytes, { mode: 0o600 });
    if (userId !== undefined || groupId !== undefined)
      await chown(path, userId ?? own, groupId ?? own);
    await chmod(path, mode);
  }
}

/** Gives every name of now its link, and takes those away that lead nowhere any more. */
async function linkNames(directory: string, names: ReadonlySet<string>): Promise<void> {
  const present = new Set(await readdir(directory));
  for (const name of names) {
    if (!present.has(name)) await symlink(`${dataLink}/${name}`, join(directory, name));
  }
  for (const name of present) {
    if (!name.startsWith('..') && !names.has(name)) await unlink(join(directory, name));
  }
}

/** Names come from whoever writes config maps. Source: kubelet, the words of its AtomicWriter. */
function refuseOutside(path: string): void {
  const refuse = (why: string): Error => new Error(`invalid path: ${why}: ${JSON.stringify(path)}`);
  if (path === '' || path.startsWith('/')) throw refuse('must be relative path');
  if (path.split('/').includes('..')) throw refuse("must not contain '..'");
  if (path.startsWith('..')) throw refuse("must not start with '..'");
}

/** The folders on the way to a file: `a`, `a/b` of `a/b/c`. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function firstPart(path: string): string {
  return path.split('/', 1)[0] ?? path;
}
