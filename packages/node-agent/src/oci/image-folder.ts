import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Files, type Random, sleep } from '@fairway/host';
import {
  type Descriptor,
  documentBytesMax,
  isDigest,
  isObject,
  parseDescriptor,
} from './image-documents.ts';
import { ImageError } from './image-error.ts';
import { imageContents } from './image-contents.ts';
import { type ImageReference, fullImageName, parseImageReference } from './image-reference.ts';

export interface ImageFolderParts {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
}

/** An image by its whole name: `docker.io/library/busybox:latest`. */
export interface NamedImage {
  readonly name: string;
  readonly descriptor: Descriptor;
}

/** Bytes in the folder, by what they are. */
export interface StoredBlob {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

/** What can be done while nobody else changes a folder. */
export interface FolderChange {
  /** Keeps bytes, under their digest. What no image needs in the end is gone then. */
  receive(content: AsyncIterable<Uint8Array>): Promise<StoredBlob>;
  /** Gives an image a name, which no other one has then. */
  put(image: NamedImage): void;
  /** False: there is none of this name. */
  remove(name: string): boolean;
}

/** Whoever changes a folder is waited for; loading a large image takes minutes. */
const lockTimeoutMs = 600_000;
const lockLookMs = 100;

/** Source: containerd, names of imported images. */
export const nameAnnotation = 'io.containerd.image.name';

/**
 * Images in a folder, each once however often and by whomever it is used. Whoever reads it meanwhile sees
 * the images before a change or after it.
 *
 * Shape: an OCI layout, which other tools read too. Source: OCI image specification, image-layout.
 */
export class ImageFolder {
  readonly #parts: ImageFolderParts;

  constructor(parts: ImageFolderParts) {
    this.#parts = parts;
  }

  get directory(): string {
    return this.#parts.directory;
  }

  async images(): Promise<readonly NamedImage[]> {
    const bytes = await this.#parts.files.read(this.#path('index.json'));
    if (bytes === undefined) return [];
    const index = parseJson(bytes, this.#path('index.json'));
    const manifests =
      isObject(index) && Array.isArray(index['manifests']) ? index['manifests'] : [];
    return manifests.flatMap((each) => {
      const descriptor = parseDescriptor(each, this.#path('index.json'));
      const name = descriptor.annotations?.[nameAnnotation];
      return name === undefined ? [] : [{ name, descriptor }];
    });
  }

  async find(reference: ImageReference): Promise<NamedImage | undefined> {
    const wanted = fullImageName(reference);
    return (await this.images()).find(({ name }) => name === wanted);
  }

  async blob(digest: string): Promise<StoredBlob | undefined> {
    if (!isDigest(digest)) return undefined;
    const path = this.#blobPath(digest);
    const facts = await this.#parts.files.stat(path);
    return facts === undefined ? undefined : { path, digest, sizeBytes: facts.sizeBytes };
  }

  /** A blob that holds JSON; undefined when it is not there. Errors: `ImageError` when it holds none. */
  async document(digest: string): Promise<unknown> {
    const blob = await this.blob(digest);
    if (blob === undefined) return undefined;
    if (blob.sizeBytes > documentBytesMax) {
      throw new ImageError(`${digest} has ${blob.sizeBytes} bytes, too many for a manifest`);
    }
    const bytes = await this.#parts.files.read(blob.path);
    return bytes === undefined ? undefined : parseJson(bytes, digest);
  }

  /** Changes the folder as a whole: when `work` throws, nothing of it stays. */
  async change<T>(work: (change: FolderChange) => Promise<T>): Promise<T> {
    await mkdir(this.#path('blobs/sha256'), { recursive: true });
    await using _lock = await this.#lock();
    await rm(this.#path('incoming'), { recursive: true, force: true });
    await mkdir(this.#path('incoming'));
    try {
      const images = new Map((await this.images()).map((each) => [each.name, each]));
      const result = await work({
        receive: (content) => this.#receive(content),
        put: (image) => void images.set(image.name, image),
        remove: (name) => images.delete(name),
      });
      await this.#write([...images.values()]);
      return result;
    } finally {
      await rm(this.#path('incoming'), { recursive: true, force: true });
      await this.#sweep();
    }
  }

  async #lock(): Promise<AsyncDisposable> {
    const { files, clock, directory } = this.#parts;
    const deadline = clock.elapsed() + lockTimeoutMs;
    for (;;) {
      const lock = await files.lock(this.#path('images.lock'));
      if (lock !== undefined) return lock;
      if (clock.elapsed() > deadline) {
        throw new ImageError(
          `another program is changing the images in ${directory}; try it again`,
        );
      }
      await sleep(clock, lockLookMs);
    }
  }

  async #receive(content: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
    const incoming = this.#path(`incoming/${this.#parts.random.uuid()}`);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    {
      await using file = await open(incoming, 'wx', 0o644);
      for await (const chunk of content) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        await file.writeFile(chunk);
      }
    }
    const digest = `sha256:${hash.digest('hex')}`;
    const path = this.#blobPath(digest);
    await rename(incoming, path);
    return { path, digest, sizeBytes };
  }

  async #write(images: readonly NamedImage[]): Promise<void> {
    const { files } = this.#parts;
    const manifests = images.map(({ name, descriptor: { mediaType, digest, size } }) => {
      const { tag } = parseImageReference(name);
      const refName = tag === undefined ? {} : { 'org.opencontainers.image.ref.name': tag };
      return { mediaType, digest, size, annotations: { [nameAnnotation]: name, ...refName } };
    });
    const write = (name: string, value: object): Promise<void> =>
      files.write(this.#path(name), Buffer.from(JSON.stringify(value)));
    await write('oci-layout', { imageLayoutVersion: '1.0.0' });
    await write('index.json', { schemaVersion: 2, manifests });
  }

  /** Takes away what no image needs; nothing while that cannot be known. */
  async #sweep(): Promise<void> {
    const needed = new Set<string>();
    try {
      for (const { descriptor } of await this.images()) {
        for (const digest of (await imageContents(this, descriptor)).digests) needed.add(digest);
      }
    } catch (error) {
      if (error instanceof ImageError) return;
      throw error;
    }
    for (const hex of await readdir(this.#path('blobs/sha256'))) {
      if (!needed.has(`sha256:${hex}`)) await rm(this.#path(`blobs/sha256/${hex}`));
    }
  }

  #blobPath(digest: string): string {
    return this.#path(`blobs/${digest.replace(':', '/')}`);
  }

  #path(name: string): string {
    return join(this.#parts.directory, name);
  }
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new ImageError(`${what} is not what it should be: no JSON`);
  }
}
