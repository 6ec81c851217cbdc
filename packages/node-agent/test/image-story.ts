import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TarEntry, readTar, writeTar } from '@fairway/client/streams';
import { nodejsHost } from '@fairway/host/nodejs';
import { goArchitecture } from '../src/containerd/host-capabilities.ts';
import { ImageFolder } from '../src/oci/image-folder.ts';
import { loadImages } from '../src/oci/load-images.ts';

const architecture = goArchitecture(nodejsHost().environment);

/** A folder of images for tests, and files that are loaded into it. */
export class ImageStory implements AsyncDisposable {
  readonly directory: string;
  readonly folder: ImageFolder;

  static async open(): Promise<ImageStory> {
    return new ImageStory(await mkdtemp(join(tmpdir(), 'fairway-images-')));
  }

  private constructor(directory: string) {
    this.directory = directory;
    this.folder = new ImageFolder({ ...nodejsHost(), directory: join(directory, 'images') });
  }

  /** Writes a file, and loads it; answers the names of its images. */
  async load(bytes: Uint8Array, wish: { readonly name?: string } = {}): Promise<readonly string[]> {
    const path = join(this.directory, 'archive');
    await writeFile(path, bytes);
    return await this.loadPath(path, wish);
  }

  async loadPath(path: string, wish: { readonly name?: string } = {}): Promise<readonly string[]> {
    const loaded = await loadImages(this.folder, { path, architecture, ...wish });
    return loaded.map(({ name }) => name);
  }

  async names(): Promise<readonly string[]> {
    return (await this.folder.images()).map(({ name }) => name);
  }

  async blobCount(): Promise<number> {
    return (await readdir(join(this.folder.directory, 'blobs/sha256'))).length;
  }

  /** What an archive holds, as a folder. */
  async unpack(archive: Uint8Array): Promise<string> {
    const folder = await mkdtemp(join(this.directory, 'layout-'));
    for (const [path, bytes] of await filesOf(archive)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** The files of an archive, by their paths. */
export async function filesOf(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { path, content } of readTar(once(archive))) {
    files.set(path, Buffer.concat(await Array.fromAsync(content)));
  }
  return files;
}

export async function archiveOf(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const entries = [...files].map(([path, bytes]): TarEntry => ({
    path,
    kind: 'file',
    mode: 0o644,
    sizeBytes: bytes.length,
    content: once(bytes),
  }));
  return Buffer.concat(await Array.fromAsync(writeTar(entries)));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield bytes;
}
