import { compressionSuffix } from './archive-files.ts';
import { type Descriptor, isObject, mediaTypes } from './image-documents.ts';
import { ImageError } from './image-error.ts';
import type { FolderChange, StoredBlob } from './image-folder.ts';

/** An image of an archive, and the names that the archive gives it. */
export interface ArchivedImage {
  readonly descriptor: Descriptor;
  readonly names: readonly string[];
}

/**
 * The images of an archive as `docker save` has always written it: lists of files in `manifest.json`, of which
 * manifests are made.
 *
 * Errors: `ImageError`. Source: Docker image specification v1.2, combined image JSON.
 */
export async function dockerImages(
  list: unknown,
  files: ReadonlyMap<string, StoredBlob>,
  change: Pick<FolderChange, 'receive'>,
): Promise<readonly ArchivedImage[]> {
  if (!Array.isArray(list)) throw new ImageError('its manifest.json is not a list of images');
  const images: ArchivedImage[] = [];
  for (const each of list) {
    const { Config, Layers, RepoTags } = isObject(each) ? each : {};
    if (typeof Config !== 'string' || !Array.isArray(Layers)) {
      throw new ImageError('its manifest.json names an image without Config and Layers');
    }
    const config = descriptorOf(fileAt(files, Config), mediaTypes.config);
    const layers: Descriptor[] = [];
    for (const path of Layers) {
      const blob = fileAt(files, String(path));
      layers.push(descriptorOf(blob, mediaTypes.layer + (await compressionSuffix(blob.path))));
    }
    const mediaType = mediaTypes.manifest;
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
    const blob = await change.receive(once(manifest));
    const names = Array.isArray(RepoTags) ? RepoTags.map(String) : [];
    images.push({ descriptor: descriptorOf(blob, mediaType), names });
  }
  return images;
}

function fileAt(files: ReadonlyMap<string, StoredBlob>, path: string): StoredBlob {
  const blob = files.get(path);
  if (blob !== undefined) return blob;
  throw new ImageError(`its manifest.json names ${JSON.stringify(path)}, which is not in it`);
}

function descriptorOf({ digest, sizeBytes }: StoredBlob, mediaType: string): Descriptor {
  return { mediaType, digest, size: sizeBytes };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield bytes;
}
