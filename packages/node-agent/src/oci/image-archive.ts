import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type TarEntry, type TarLink, writeTar } from '@fairway/client/streams';
import { type Descriptor, mediaTypes } from './image-documents.ts';

/** A file, a folder or a link of an image. */
export type ImageFile =
  | {
      readonly path: string;
      readonly kind: 'file';
      readonly bytes: Uint8Array;
      readonly mode: number;
    }
  | { readonly path: string; readonly kind: 'directory'; readonly mode: number }
  | TarLink;

/** An image of one layer that is to be made. */
export interface NewImage {
  /** As pods name it, with registry and tag: `registry.k8s.io/pause:3.10`. */
  readonly name: string;
  /** As Go names it: `amd64`. */
  readonly architecture: string;
  readonly files: readonly ImageFile[];
  readonly config: ImageConfig;
  /** For one that goes to others: a third of the size, and seconds of work for 100 MB. */
  readonly isCompressed?: boolean;
}

/** What its containers run when nobody says otherwise. Source: OCI image specification, config. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
}

/** The archive of an image, as an OCI layout. Equal images are equal bytes. */
export async function imageArchive(image: NewImage): Promise<Uint8Array> {
  const files = await imageLayout(image);
  return await tarOf(files.map((file) => ({ ...file, kind: 'file', mode: 0o644 })));
}

/**
 * The files of an OCI layout of an image. Equal images are equal bytes, with one version of Node.js where they are
 * compressed.
 *
 * Source: OCI image specification, image-layout, manifest and config.
 */
export async function imageLayout(
  image: NewImage,
): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
  const { name } = image;
  const { manifest, blobs } = await imageParts(image);
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        ...manifest,
        // The one is containerd's, the other everybody's.
        annotations: {
          'io.containerd.image.name': name,
          'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
        },
      },
    ],
  });
  return [
    { path: 'oci-layout', bytes: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', bytes: index },
    ...blobs.map((bytes) => ({
      path: `blobs/sha256/${digestOf(bytes).slice('sha256:'.length)}`,
      bytes,
    })),
  ];
}

/** What an image consists of: its layer, its configuration, and the manifest that names both. */
export async function imageParts(
  image: NewImage,
): Promise<{ readonly manifest: Descriptor; readonly blobs: readonly Uint8Array[] }> {
  const { architecture, config, isCompressed = false } = image;
  const tar = await tarOf(image.files);
  const layer = isCompressed ? gzipSync(tar) : tar;
  const configuration = json({
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(mediaTypes.config, configuration),
    layers: [descriptor(`${mediaTypes.layer}${isCompressed ? '+gzip' : ''}`, layer)],
  });
  return {
    manifest: descriptor(mediaTypes.manifest, manifest),
    blobs: [layer, configuration, manifest],
  };
}

async function tarOf(files: readonly ImageFile[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTar(files.map(tarEntry))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function tarEntry(file: ImageFile): TarEntry | TarLink {
  if (file.kind === 'link') return file;
  const bytes = file.kind === 'file' ? file.bytes : new Uint8Array();
  return { ...file, sizeBytes: bytes.length, content: once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield bytes;
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function descriptor(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
