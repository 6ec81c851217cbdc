/** What the name of an image says. */
export interface ImageReference {
  /** `docker.io` where the name has none. */
  readonly registry: string;
  /** `library/busybox` */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

/** Nobody can fetch an image of such a name; the message is that of a kubelet. */
export class ImageNameError extends Error {
  override readonly name = 'ImageNameError';
}

const defaultRegistry = 'docker.io';
const repositoryLengthMax = 255;

const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = new RegExp(
  `^(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`,
);
const repositoryName = new RegExp(`^${part}(?:/${part})*$`);
const tagName = /^\w[\w.-]{0,127}$/;
const digestName = /^[a-z][a-z0-9]*(?:[-_+.][a-z][a-z0-9]*)*:[0-9a-f]{32,}$/i;
const digestLengths: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

/**
 * Reads the name of an image: `busybox`, `ghcr.io/team/app:v1`, `localhost:5000/app@sha256:…`.
 *
 * Errors: `ImageNameError`. Source: the distribution project, grammar of references; Docker's familiar names.
 */
export function parseImageReference(name: string): ImageReference {
  const [before = '', digest, ...more] = name.split('@');
  const colon = before.indexOf(':', before.lastIndexOf('/') + 1);
  const path = colon < 0 ? before : before.slice(0, colon);
  const tag = colon < 0 ? undefined : before.slice(colon + 1);
  const { registry, repository } = splitPath(path);
  if (/^[a-f0-9]{64}$/.test(name)) {
    throw new ImageNameError(
      `invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`,
    );
  }
  if (repository.toLowerCase() !== repository) {
    const why = `repository name (${repository}) must be lowercase`;
    throw new ImageNameError(`invalid reference format: ${why}`);
  }
  const isWellFormed =
    more.length === 0 &&
    domain.test(registry) &&
    repositoryName.test(repository) &&
    (tag === undefined || tagName.test(tag)) &&
    (digest === undefined || digestName.test(digest));
  if (!isWellFormed) throw new ImageNameError('invalid reference format');
  if (`${registry}/${repository}`.length > repositoryLengthMax) {
    const why = `repository name must not be more than ${repositoryLengthMax} characters`;
    throw new ImageNameError(why);
  }
  if (digest !== undefined) checkDigest(digest);
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `docker.io/library/busybox:latest`: one name for all that mean the same image. */
export function fullImageName({ registry, repository, tag, digest }: ImageReference): string {
  const ofTag = tag ?? (digest === undefined ? 'latest' : undefined);
  const suffix = `${ofTag === undefined ? '' : `:${ofTag}`}${digest === undefined ? '' : `@${digest}`}`;
  return `${registry}/${repository}${suffix}`;
}

/** A first part that looks like a host is one; without it, an image is one of Docker's. */
function splitPath(path: string): { readonly registry: string; readonly repository: string } {
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
  const registry = isHost ? first : defaultRegistry;
  const rest = isHost ? path.slice(slash + 1) : path;
  if (registry === 'index.docker.io') return splitPath(`${defaultRegistry}/${rest}`);
  const isOfficial = registry === defaultRegistry && !rest.includes('/');
  return { registry, repository: isOfficial ? `library/${rest}` : rest };
}

function checkDigest(digest: string): void {
  const [algorithm = '', hex = ''] = digest.split(':');
  const length = digestLengths.get(algorithm);
  if (length === undefined) throw new ImageNameError('unsupported digest algorithm');
  if (hex.length !== length) throw new ImageNameError('invalid checksum digest length');
  if (hex.toLowerCase() !== hex) throw new ImageNameError('invalid checksum digest format');
}
