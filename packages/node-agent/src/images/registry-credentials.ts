import { Secret } from '@fairway/host';
import type { Secret as SecretObject } from '@fairway/kinds/core/v1';
import type { RegistryCredentials } from '../runtime/image-store.ts';
import type { ImageReference } from '../oci/image-reference.ts';
import { matchesWildcards } from './match-wildcards.ts';

/** Credentials, and the images that they are for: `*.example.com:5000/team`. */
interface RegistryEntry {
  readonly pattern: string;
  readonly credentials: RegistryCredentials;
}

/** Where Docker's own files keep the account of Docker's own registry. */
const dockerAccount = 'index.docker.io';

/**
 * The credentials in these secrets that may open the registry of an image, the closest first. Secrets of
 * other types, and entries that nobody can read, count for nothing.
 *
 * Shape: `kubernetes.io/dockerconfigjson` and `kubernetes.io/dockercfg`. Source: Kubernetes documentation,
 * "Images", interpretation of config.json.
 */
export function registryCredentials(
  secrets: readonly SecretObject[],
  image: ImageReference,
): readonly RegistryCredentials[] {
  const entries = secrets.flatMap(secretEntries);
  // Longer names before those that they begin with.
  const byName = entries.toSorted(
    (one, other) => Number(one.pattern < other.pattern) - Number(one.pattern > other.pattern),
  );
  const target = `${image.registry}/${image.repository}`;
  const matching = byName.filter(({ pattern }) => isFor(pattern, target));
  const isDockers = matching.length === 0 && image.registry === 'docker.io';
  const chosen = isDockers ? byName.filter(({ pattern }) => pattern === dockerAccount) : matching;
  return chosen.map(({ credentials }) => credentials);
}

function secretEntries({ type, data }: SecretObject): readonly RegistryEntry[] {
  if (type === 'kubernetes.io/dockerconfigjson') {
    const config = parseObject(data?.['.dockerconfigjson']);
    return accountEntries(config?.['auths']);
  }
  if (type === 'kubernetes.io/dockercfg') return accountEntries(parseObject(data?.['.dockercfg']));
  return [];
}

function accountEntries(accounts: unknown): readonly RegistryEntry[] {
  if (!isObject(accounts)) return [];
  return Object.entries(accounts).flatMap(([location, account]) => {
    const pattern = registryPattern(location);
    const credentials = accountCredentials(account);
    return pattern === undefined || credentials === undefined ? [] : [{ pattern, credentials }];
  });
}

/** Without its scheme and the version of the API: `https://index.docker.io/v1/` is a host like others. */
function registryPattern(location: string): string | undefined {
  const [, rest = ''] = /^(?:https?:\/\/)?(.*)$/.exec(location) ?? [];
  const [host = '', ...path] = rest.split('/');
  const isVersion = path[0] === 'v1' || path[0] === 'v2';
  const kept = (isVersion ? path.slice(1) : path).join('/');
  if (host === '') return undefined;
  return kept === '' ? host : `${host}/${kept}`;
}

/** `auth` is both in one, and stands above the others. */
function accountCredentials(account: unknown): RegistryCredentials | undefined {
  if (!isObject(account)) return undefined;
  const { auth } = account;
  if (typeof auth === 'string' && auth !== '') {
    const both = Buffer.from(auth, 'base64').toString();
    const colon = both.indexOf(':');
    if (colon < 0) return undefined;
    // Some programs fill up what they encode.
    const password = both.slice(colon + 1).replace(/\0+$/, '');
    return { username: both.slice(0, colon), password: new Secret(password) };
  }
  const { username = '', password = '' } = account;
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  if (username === '' && password === '') return undefined;
  return { username, password: new Secret(password) };
}

/** Part by part of the host, and by the beginning of the path. */
function isFor(pattern: string, image: string): boolean {
  const [patternHost = '', patternPath] = halves(pattern);
  const [host = '', path = ''] = halves(image);
  if (!path.startsWith(patternPath ?? '')) return false;
  const [patternName = '', patternPort] = patternHost.split(':');
  const [name = '', port] = host.split(':');
  const wanted = patternName.split('.');
  const given = name.split('.');
  return (
    patternPort === port &&
    wanted.length === given.length &&
    wanted.every((each, index) => matchesWildcards(given[index] ?? '', each))
  );
}

function halves(text: string): [string, string | undefined] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
}

function parseObject(base64: string | undefined): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(base64 ?? '', 'base64').toString());
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
