import { archiveFiles } from './archive-files.ts';
import { type ArchivedImage, dockerImages } from './docker-archive.ts';
import { type ImageContents, imageContents } from './image-contents.ts';
import { isObject, parseDescriptor } from './image-documents.ts';
import { ImageError } from './image-error.ts';
import {
  type FolderChange,
  type ImageFolder,
  type NamedImage,
  type StoredBlob,
  nameAnnotation,
} from './image-folder.ts';
import {
  ImageNameError,
  type ImageReference,
  fullImageName,
  parseImageReference,
} from './image-reference.ts';

export interface LoadWish {
  /** An OCI layout or an archive of one, or an archive of Docker; compressed or not. */
  readonly path: string;
  /** Instead of the name that the archive gives its image. */
  readonly name?: string;
  /** What this machine runs, as Go names it: `amd64`. */
  readonly architecture: string;
}

/** A file for each layer of each platform of each image, and some more. */
const filesMax = 20_000;

const blobPath = /^blobs\/sha256\/([0-9a-f]{64})$/;

/**
 * Takes the images of an archive into a folder, all of them or none.
 *
 * Errors: `ImageError`, which says what is wrong with the archive.
 */
export async function loadImages(
  folder: ImageFolder,
  wish: LoadWish,
): Promise<readonly NamedImage[]> {
  return await folder.change(async (change) => {
    try {
      const files = await receiveFiles(wish.path, change);
      const archived = await archivedImages(folder, files, change);
      const images = named(archived, wish.name);
      for (const { name, descriptor } of images) {
        checkPlatform(name, await imageContents(folder, descriptor), wish.architecture);
      }
      images.forEach((image) => change.put(image));
      return images;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      const isTold = error.message.includes(wish.path);
      throw isTold ? error : new ImageError(`cannot load ${wish.path}: ${error.message}`);
    }
  });
}

/** By their paths in the archive. */
async function receiveFiles(
  path: string,
  change: FolderChange,
): Promise<ReadonlyMap<string, StoredBlob>> {
  const files = new Map<string, StoredBlob>();
  for await (const file of archiveFiles(path)) {
    if (files.size >= filesMax) throw new ImageError(`it holds more than ${filesMax} files`);
    const blob = await change.receive(file.content);
    const hex = blobPath.exec(file.path)?.[1];
    if (hex !== undefined && blob.digest !== `sha256:${hex}`) {
      throw new ImageError(`${file.path} does not hold what its name says: the archive is damaged`);
    }
    files.set(file.path, blob);
  }
  return files;
}

async function archivedImages(
  folder: ImageFolder,
  files: ReadonlyMap<string, StoredBlob>,
  change: FolderChange,
): Promise<readonly ArchivedImage[]> {
  const documentAt = async (path: string): Promise<unknown> =>
    folder.document(files.get(path)?.digest ?? '');
  // Newer archives of Docker are both, and know more as a layout.
  if (files.has('oci-layout') && files.has('index.json')) {
    return layoutImages(await documentAt('index.json'));
  }
  if (files.has('manifest.json')) {
    return await dockerImages(await documentAt('manifest.json'), files, change);
  }
  throw new ImageError('it holds no image: neither index.json with oci-layout, nor manifest.json');
}

function layoutImages(index: unknown): readonly ArchivedImage[] {
  const manifests = isObject(index) ? index['manifests'] : undefined;
  if (!Array.isArray(manifests)) throw new ImageError('its index.json is not an index of images');
  return manifests.map((each) => {
    const { annotations = {}, ...descriptor } = parseDescriptor(each, 'its index.json');
    const refName = annotations['org.opencontainers.image.ref.name'] ?? '';
    // It is a whole name with some tools, and a tag with others.
    const ofRef = /[:/]/.test(refName) ? [refName] : [];
    const whole = annotations[nameAnnotation];
    return { descriptor, names: whole === undefined ? ofRef : [whole] };
  });
}

/** By their whole names. */
function named(
  archived: readonly ArchivedImage[],
  name: string | undefined,
): readonly NamedImage[] {
  const distinct = new Map(archived.map((each) => [each.descriptor.digest, each.descriptor]));
  const [first] = archived;
  if (name !== undefined) {
    if (first === undefined || distinct.size !== 1) {
      throw new ImageError(`--name is for one image, and there are ${distinct.size}`);
    }
    return [{ name: wholeName(name), descriptor: first.descriptor }];
  }
  const images = archived.flatMap(({ names, descriptor }) =>
    names.map((each) => ({ name: wholeName(each), descriptor })),
  );
  if (images.length > 0) return images;
  throw new ImageError('it does not say the name of its image; give it one with --name NAME');
}

function wholeName(name: string): string {
  const reference = parseName(name);
  if (reference.digest === undefined) return fullImageName(reference);
  throw new ImageError(`${name} is named by a digest; give it a name with a tag with --name`);
}

function parseName(name: string): ImageReference {
  try {
    return parseImageReference(name);
  } catch (error) {
    if (!(error instanceof ImageNameError)) throw error;
    throw new ImageError(`${JSON.stringify(name)} is not the name of an image: ${error.message}`);
  }
}

function checkPlatform(name: string, { platforms }: ImageContents, architecture: string): void {
  const wanted = `linux/${architecture}`;
  if (platforms.some((each) => each === wanted || each.startsWith(`${wanted}/`))) return;
  const given = platforms.length === 0 ? 'no platform' : platforms.join(', ');
  throw new ImageError(`${name} is for ${given} and this machine is ${wanted}: build it for that`);
}
