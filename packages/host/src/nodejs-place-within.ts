import { constants } from 'node:fs';
import { type FileHandle, chmod, mkdir, open, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { openAt, pathOnly, within } from './nodejs-open-at.ts';
import { undefinedWhenAbsent } from './nodejs-system-errors.ts';

/**
 * Opens the place at a path below a folder, which stays itself whatever happens to its name. Links are
 * resolved first and have to stay within; then every step is taken without one, from the folder on.
 * Folders that are not there are made where that is wanted; else undefined for nothing.
 */
export async function placeWithin(
  directory: string,
  subPath: string,
  { makesFolders }: { readonly makesFolders: boolean },
): Promise<FileHandle | undefined> {
  const top = await realpath(directory);
  const steps = await resolvedSteps(top, subPath);
  let place = await open(top, pathOnly | constants.O_DIRECTORY);
  try {
    const mode = (await place.stat()).mode & 0o7777;
    for (const [index, name] of steps.entries()) {
      const isLast = index === steps.length - 1;
      const existing = await openAt(place, name, isLast ? pathOnly : folderOnly);
      const next = existing ?? (makesFolders ? await makeFolder(place, name, mode) : undefined);
      await place.close();
      if (next === undefined) return undefined;
      place = next;
    }
    if ((await place.stat()).isSymbolicLink()) throw new Error(`${subPath} became a link`);
    return place;
  } catch (error) {
    await place.close();
    throw error;
  }
}

const folderOnly = pathOnly | constants.O_DIRECTORY;

async function makeFolder(place: FileHandle, name: string, mode: number): Promise<FileHandle> {
  await mkdir(within(place, name));
  const made = await openAt(place, name, folderOnly);
  if (made === undefined) throw new Error(`${name} was taken away`);
  await chmod(`/proc/self/fd/${made.fd}`, mode);
  return made;
}

/** The names on the way from a folder, without links as far as it exists. */
async function resolvedSteps(top: string, subPath: string): Promise<readonly string[]> {
  const names = subPath.split(sep).filter((name) => name !== '' && name !== '.');
  if (subPath.startsWith(sep) || names.includes('..')) throw outside(subPath);
  for (let count = names.length; count >= 0; count--) {
    const existing = await undefinedWhenAbsent(realpath(join(top, ...names.slice(0, count))));
    if (existing === undefined) continue;
    const way = relative(top, existing);
    if (way === '..' || way.startsWith(`..${sep}`)) throw outside(subPath);
    return [...way.split(sep).filter((name) => name !== ''), ...names.slice(count)];
  }
  throw new Error(`there is no folder ${top}`);
}

function outside(subPath: string): Error {
  return new Error(`${JSON.stringify(subPath)} leads out of its folder`);
}
