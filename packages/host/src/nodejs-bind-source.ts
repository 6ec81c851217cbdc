import { type FileHandle, mkdir, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { placeWithin } from './nodejs-place-within.ts';
import { codeOf } from './nodejs-system-errors.ts';

/** Something below a folder, held so that it stays itself whatever happens to its name. */
export interface BindSource extends AsyncDisposable {
  /** Leads to it for any program that this one starts. */
  readonly path: string;
  /** Makes what it can be mounted on: an empty folder or file. */
  makeTarget(target: string): Promise<void>;
}

/** Holds what is at a path below a folder, and makes it where it is not there. */
export async function bindSource(directory: string, subPath: string): Promise<BindSource> {
  const place = await placeWithin(directory, subPath, { makesFolders: true });
  if (place === undefined) throw new Error(`${subPath} was taken away`);
  return held(place, (await place.stat()).isDirectory());
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
