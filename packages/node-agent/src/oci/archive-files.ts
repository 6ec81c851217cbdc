import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { TarError, readTar } from '@fairway/client/streams';
import { ImageError } from './image-error.ts';

/** A file in an archive or a folder; its content is to be read before the next one. */
export interface ArchiveFile {
  /** With `/` between its parts. */
  readonly path: string;
  readonly content: AsyncIterable<Uint8Array>;
}

const compressions = [
  { name: 'gzip', magic: '1f8b', suffix: '+gzip', decompressor: createGunzip },
  { name: 'zstd', magic: '28b52ffd', suffix: '+zstd', decompressor: createZstdDecompress },
] as const;

/**
 * The files of an image on disk: an archive, compressed or not, or a folder. Links count for nothing.
 *
 * Errors: `ImageError` for what is no archive, cut, or holds names that lead out of it.
 */
export async function* archiveFiles(path: string): AsyncGenerator<ArchiveFile, undefined> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const files = isFolder ? folderFiles(path) : readTar(await uncompressed(path));
    for await (const { path: name, content } of files) {
      yield { path: name, content: contentOf(path, content) };
    }
  } catch (error) {
    throw explained(path, error);
  }
}

// Whoever reads it meets the end of an archive that is cut there.
async function* contentOf(
  path: string,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* content;
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): unknown {
  if (!isAboutInput(error)) return error;
  const remedy = 'it should be an OCI layout, or an archive as `docker save` writes it';
  return new ImageError(`cannot read ${path}: ${error.message}; ${remedy}`, { cause: error });
}

/** How a file is compressed, as the end of its media type: `+gzip`; empty for one that is not. */
export async function compressionSuffix(path: string): Promise<string> {
  return (await compressionOf(path))?.suffix ?? '';
}

async function uncompressed(path: string): Promise<AsyncIterable<Uint8Array>> {
  const compression = await compressionOf(path);
  const bytes = createReadStream(path);
  // Whoever reads is told of an error by the stream itself.
  return compression === undefined ? bytes : pipeline(bytes, compression.decompressor(), () => {});
}

async function compressionOf(path: string): Promise<(typeof compressions)[number] | undefined> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const start = buffer.subarray(0, bytesRead).toString('hex');
  return compressions.find(({ magic }) => start.startsWith(magic));
}

/** A folder may be anything; only what belongs to a layout is read. */
async function* folderFiles(folder: string): AsyncGenerator<ArchiveFile, undefined> {
  await stat(join(folder, 'oci-layout'));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const whole = join(entry.parentPath, entry.name);
    const path = relative(folder, whole);
    if (/^(?:oci-layout|index\.json|blobs\/.*)$/.test(path)) {
      yield { path, content: createReadStream(whole) };
    }
  }
}

function isAboutInput(error: unknown): error is Error {
  if (error instanceof TarError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:Z_|ZSTD_|ERR_ZSTD|ENOENT$|ENOTDIR$|EACCES$|ELOOP$)/.test(code);
}
