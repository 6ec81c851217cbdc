import { ImageError } from './image-error.ts';

/** Manifests are as large as registries take them. */
export const documentBytesMax: number = 4 * 1024 * 1024;

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

/** Names a blob by what is in it. Source: OCI image specification, descriptor. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image for one platform, or several of them for several. */
export type ImageDocument =
  | {
      readonly kind: 'manifest';
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
    }
  | { readonly kind: 'index'; readonly manifests: readonly Descriptor[] };

/**
 * Reads what a descriptor of a manifest or an index points to.
 *
 * Errors: `ImageError`. Source: OCI image specification, manifest and index; Docker's, which have the same form.
 */
export function parseImageDocument(document: unknown, what: string): ImageDocument {
  const { manifests, config, layers } = asObject(document, what);
  if (Array.isArray(manifests)) {
    return { kind: 'index', manifests: manifests.map((each) => parseDescriptor(each, what)) };
  }
  if (config === undefined || !Array.isArray(layers)) {
    throw new ImageError(`${what} is neither a manifest nor an index of images`);
  }
  return {
    kind: 'manifest',
    config: parseDescriptor(config, what),
    layers: layers.map((each) => parseDescriptor(each, what)),
  };
}

export function parseDescriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size, annotations } = asObject(value, what);
  if (!isDigest(digest)) {
    const shown = JSON.stringify(digest)?.slice(0, 100);
    throw new ImageError(`${what} names ${shown}, which is no sha256 digest`);
  }
  if (typeof mediaType !== 'string' || typeof size !== 'number' || !Number.isSafeInteger(size)) {
    throw new ImageError(`${what} does not say what ${digest} is`);
  }
  const texts = Object.entries(isObject(annotations) ? annotations : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const given = texts.length === 0 ? {} : { annotations: Object.fromEntries(texts) };
  return { mediaType, digest, size, ...given };
}

/** `linux/amd64`, `linux/arm/v7`; undefined for what is no program: signatures, attestations. */
export function platformOf(config: unknown): string | undefined {
  if (!isObject(config)) return undefined;
  const { os, architecture, variant } = config;
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === 'unknown') {
    return undefined;
  }
  const parts = [os, architecture, ...(typeof variant === 'string' ? [variant] : [])];
  return parts.filter(Boolean).join('/');
}

/** The only ones that are stored; others cannot be paths either. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw new ImageError(`${what} is not what it should be: no JSON object`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
