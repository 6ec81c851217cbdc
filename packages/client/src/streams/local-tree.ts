import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type TarEntry, TarError } from './tar/tar-entry.ts';

/** The files and directories under a local path, directories before what is in them. */
export async function* readLocalTree(
  path: string,
  onSkipped: (path: string) => void = () => {},
): AsyncGenerator<TarEntry, undefined> {
  const top = resolve(path);
  yield* readEntry(top, basename(top), onSkipped);
}

async function* readEntry(
  file: string,
  path: string,
  onSkipped: (path: string) => void,
): AsyncGenerator<TarEntry, undefined> {
  const facts = await lstat(file);
  const mode = facts.mode & 0o777;
  if (facts.isDirectory()) {
    yield { path, kind: 'directory', mode, sizeBytes: 0, content: Readable.from([]) };
    for (const name of (await readdir(file)).toSorted()) {
      yield* readEntry(join(file, name), `${path}/${name}`, onSkipped);
    }
  } else if (facts.isFile()) {
    const content = createReadStream(file);
    try {
      yield { path, kind: 'file', mode, sizeBytes: facts.size, content };
    } finally {
      content.destroy();
    }
  } else onSkipped(path);
}

/**
 * Writes entries into a local directory, over files of the same name.
 *
 * Errors: `TarError` where a symbolic link stands in the way, because it may lead elsewhere.
 */
export async function writeLocalTree(
  directory: string,
  entries: AsyncIterable<TarEntry>,
): Promise<void> {
  const top = resolve(directory);
  await mkdir(top, { recursive: true });
  for await (const { path, kind, mode, content } of entries) {
    const target = join(top, path);
    await refuseLinks(top, path);
    if (kind === 'directory') {
      await mkdir(target, { recursive: true, mode: mode | 0o700 });
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await pipeline(Readable.from(content), createWriteStream(target, { mode }));
  }
}

async function refuseLinks(top: string, path: string): Promise<void> {
  let at = top;
  for (const part of path.split('/')) {
    at = join(at, part);
    const facts = await lstat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (facts === undefined) return;
    if (facts.isSymbolicLink()) {
      throw new TarError(`cannot write "${path}": ${at} is a symbolic link`);
    }
  }
}
