import { constants } from 'node:fs';
import {
  type FileHandle,
  chmod,
  mkdir,
  open,
  realpath,
  rmdir,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { openAt, pathOnly, within } from './nodejs-open-at.ts';

/** Something below a folder, held so that it stays itself whatever happens to its name. */
export interface BindSource extends AsyncDisposable {
  /** Leads to it for any program that this one starts. */
  readonly path: string;
  /** Makes what it can be mounted on: an empty folder or file. */
  makeTarget(target: string): Promise<void>;
}

/**
 * Holds what is at a path below a folder, and makes it where it is not there. Links are resolved first and
 * have to stay within; then every step is taken without one, from the folder on.
 */
export async function bindSource(directory: string, subPath: string): Promise<BindSource> {
  const top = await realpath(directory);
  const steps = await resolvedSteps(top, subPath);
  let place = await open(top, pathOnly | constants.O_DIRECTORY);
  try {
    const { mode } = await place.stat();
    for (const [index, name] of steps.entries()) {
      const isLast = index === steps.length - 1;
      const next = await openStep(place, name, { mode: mode & 0o7777, isLast });
      await place.close();
      place = next;
    }
    const facts = await place.stat();
    if (facts.isSymbolicLink()) throw new Error(`${subPath} became a link`);
    return held(place, facts.isDirectory());
  } catch (error) {
    await place.close();
    throw error;
  }
}

function held(place: FileHandle, isDirectory: boolean): BindSource {
  return {
    path: `/proc/${process.pid}/fd/${place.fd}`,
    async makeTarget(target) {
      await removeEmpty(target);
      await mkdir(isDirectory ? target : dirname(target), { recursive: true });
      if (!isDirectory) await writeFile(target, '', { flag: 'wx' });
    },
    [Symbol.asyncDispose]: () => place.close(),
  };
}

/** What was mounted on before. */
async function removeEmpty(target: string): Promise<void> {
  try {
    await unlink(target);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EISDIR') await rmdir(target);
    else if (code !== 'ENOENT') throw error;
  }
}

/** The names on the way from a folder, without links as far as it exists. */
async function resolvedSteps(top: string, subPath: string): Promise<readonly string[]> {
  const names = subPath.split(sep).filter((name) => name !== '' && name !== '.');
  if (subPath.startsWith(sep) || names.includes('..')) throw outside(subPath);
  for (let count = names.length; count >= 0; count--) {
    const existing = await realpathIfThere(join(top, ...names.slice(0, count)));
    if (existing === undefined) continue;
    const way = relative(top, existing);
    if (way === '..' || way.startsWith(`..${sep}`)) throw outside(subPath);
    return [...way.split(sep).filter((name) => name !== ''), ...names.slice(count)];
  }
  throw new Error(`there is no folder ${top}`);
}

async function openStep(
  place: FileHandle,
  name: string,
  { mode, isLast }: { readonly mode: number; readonly isLast: boolean },
): Promise<FileHandle> {
  const flags = isLast ? pathOnly : pathOnly | constants.O_DIRECTORY;
  const existing = await openAt(place, name, flags);
  if (existing !== undefined) return existing;
  const path = within(place, name);
  await mkdir(path);
  const made = await openAt(place, name, pathOnly | constants.O_DIRECTORY);
  if (made === undefined) throw new Error(`${name} was taken away`);
  await chmod(`/proc/self/fd/${made.fd}`, mode);
  return made;
}

function outside(subPath: string): Error {
  return new Error(`${JSON.stringify(subPath)} leads out of its folder`);
}

async function realpathIfThere(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
