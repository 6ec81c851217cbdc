import {
  type Descriptor,
  type ImageDocument,
  parseImageDocument,
  platformOf,
} from './image-documents.ts';
import { ImageError } from './image-error.ts';

/** What an image is made of. */
export interface ImageContents {
  /** Of everything: manifests, configurations, layers. */
  readonly digests: ReadonlySet<string>;
  /** Of configurations and layers. */
  readonly sizeBytes: number;
  /** `linux/amd64` */
  readonly platforms: readonly string[];
}

/** Where blobs are. */
export interface BlobSource {
  blob(digest: string): Promise<{ readonly sizeBytes: number } | undefined>;
  document(digest: string): Promise<unknown>;
}

/** An index may hold another one. */
const depthMax = 4;
/** An image has some ten platforms, each with some fifty layers at most. */
const blobsMax = 10_000;

/**
 * Finds all that belongs to an image. Of one for several platforms, some may be left out.
 *
 * Errors: `ImageError` when something is missing, or is not what it is said to be.
 */
export async function imageContents(
  source: BlobSource,
  descriptor: Descriptor,
): Promise<ImageContents> {
  const walk = new ContentsWalk(source);
  await walk.visit(descriptor, depthMax);
  return walk;
}

class ContentsWalk implements ImageContents {
  readonly digests = new Set<string>();
  readonly platforms: string[] = [];
  sizeBytes = 0;
  readonly #source: BlobSource;

  constructor(source: BlobSource) {
    this.#source = source;
  }

  async visit(descriptor: Descriptor, depthLeft: number): Promise<void> {
    const { digest } = descriptor;
    if (depthLeft === 0) throw new ImageError(`${digest} lies too deep in other indexes`);
    if (!(await this.#take(descriptor))) return;
    const image = parseImageDocument(await this.#source.document(digest), digest);
    if (image.kind === 'manifest') return await this.#visitManifest(image);
    const present = await Promise.all(
      image.manifests.map((each) => this.#source.blob(each.digest)),
    );
    const included = image.manifests.filter((_, index) => present[index] !== undefined);
    if (included.length === 0) throw new ImageError(`${digest} has nothing for any platform`);
    for (const each of included) await this.visit(each, depthLeft - 1);
  }

  async #visitManifest(image: Extract<ImageDocument, { kind: 'manifest' }>): Promise<void> {
    for (const part of [image.config, ...image.layers]) {
      if (await this.#take(part)) this.sizeBytes += part.size;
    }
    if (!image.config.mediaType.endsWith('+json')) return;
    const platform = platformOf(await this.#source.document(image.config.digest));
    if (platform !== undefined) this.platforms.push(platform);
  }

  /** False: it is known already. */
  async #take({ digest, size }: Descriptor): Promise<boolean> {
    const blob = await this.#source.blob(digest);
    if (blob === undefined) throw new ImageError(`${digest} is missing`);
    if (blob.sizeBytes !== size) {
      throw new ImageError(`${digest} has ${blob.sizeBytes} bytes and not ${size}`);
    }
    if (this.digests.has(digest)) return false;
    if (this.digests.size >= blobsMax) throw new ImageError(`more than ${blobsMax} parts`);
    this.digests.add(digest);
    return true;
  }
}
