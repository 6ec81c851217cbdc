import { Secret } from '@fairway/host';
import { isJsonObject } from '@fairway/protocol';
import { type CipherKey, type CipherName, keyBytes } from './cipher.ts';

/** How the objects of some resources lie on the disk. */
export interface EncryptedResources {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.` for the core group, `*.*` for all. */
  readonly resources: readonly string[];
  /** The first one writes, all of them read. */
  readonly providers: readonly EncryptionProvider[];
}

export type EncryptionProvider =
  | { readonly kind: 'identity' }
  | { readonly kind: CipherName; readonly keys: readonly CipherKey[] };

/** What is wrong with a configuration, each with its field; no key is quoted. */
export class EncryptionConfigurationError extends Error {
  override readonly name = 'EncryptionConfigurationError';

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
  }
}

const apiVersion = 'apiserver.config.k8s.io/v1';

/**
 * Reads the file that `--encryption-provider-config` names.
 *
 * Errors: `EncryptionConfigurationError`.
 * Source: apiserver.config.k8s.io/v1 EncryptionConfiguration.
 */
export async function readEncryptionConfiguration(
  text: string,
): Promise<readonly EncryptedResources[]> {
  const { parse } = await import('yaml');
  const problems: string[] = [];
  const read = readDocument(parseText(text, parse), problems);
  if (problems.length > 0) throw new EncryptionConfigurationError(problems);
  return read;
}

function parseText(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    // What the parser says quotes the line, which may hold a key.
    throw new EncryptionConfigurationError(['it is neither YAML nor JSON']);
  }
}

function readDocument(document: unknown, problems: string[]): readonly EncryptedResources[] {
  const root = isJsonObject(document) ? document : {};
  if (root['apiVersion'] !== apiVersion || root['kind'] !== 'EncryptionConfiguration') {
    problems.push(`it has not apiVersion ${apiVersion} and kind EncryptionConfiguration`);
    return [];
  }
  refuseUnknown(root, { at: '', known: ['apiVersion', 'kind', 'resources'] }, problems);
  const entries = listOf(root['resources'], 'resources', problems);
  const seen = new Set<string>();
  return entries.map((entry, index) => {
    const at = `resources[${index}]`;
    const read = readResources(entry, at, problems);
    for (const resource of read.resources) {
      if (seen.has(resource)) problems.push(`${at}.resources names ${resource} a second time`);
      else if (isMasked(resource, seen)) {
        problems.push(`${at}.resources: ${resource} is covered by one before it`);
      }
      seen.add(resource);
    }
    return read;
  });
}

/** Whoever stands behind a wildcard that means it too would never be asked. */
function isMasked(resource: string, seen: ReadonlySet<string>): boolean {
  const [, group = ''] = /^[^.]*\.(.*)$/s.exec(resource) ?? [];
  return seen.has('*.*') || (!resource.startsWith('*') && seen.has(`*.${group}`));
}

function readResources(entry: unknown, at: string, problems: string[]): EncryptedResources {
  const fields = isJsonObject(entry) ? entry : {};
  refuseUnknown(fields, { at, known: ['resources', 'providers'] }, problems);
  const resources = listOf(fields['resources'], `${at}.resources`, problems).flatMap((each) => {
    if (typeof each === 'string' && /^(\*\.\*|(\*|[a-z0-9-]+)(\.[a-z0-9.-]*)?)$/.test(each)) {
      if (each !== '*') return [each];
    }
    const shown = JSON.stringify(each);
    problems.push(`${at}.resources: ${shown} is no resource such as secrets, *.apps, *. or *.*`);
    return [];
  });
  const providers = listOf(fields['providers'], `${at}.providers`, problems).flatMap(
    (each, index) => readProvider(each, `${at}.providers[${index}]`, problems),
  );
  return { resources, providers };
}

function readProvider(
  entry: unknown,
  at: string,
  problems: string[],
): readonly EncryptionProvider[] {
  const fields = isJsonObject(entry) ? entry : {};
  const [kind = '', ...others] = Object.keys(fields);
  if (kind === '' || others.length > 0) {
    problems.push(`${at} is to name one provider`);
    return [];
  }
  if (kind === 'identity') return [{ kind }];
  if (kind === 'kms') {
    problems.push(`${at}.kms is not built in Fairway; use secretbox, aesgcm or aescbc`);
    return [];
  }
  if (!isCipherName(kind)) {
    problems.push(`${at}.${kind} is no provider; use secretbox, aesgcm, aescbc or identity`);
    return [];
  }
  return [{ kind, keys: readKeys(kind, fields[kind], { at: `${at}.${kind}`, problems }) }];
}

function isCipherName(kind: string): kind is CipherName {
  return Object.hasOwn(keyBytes, kind);
}

function readKeys(
  kind: CipherName,
  provider: unknown,
  { at, problems }: { readonly at: string; readonly problems: string[] },
): readonly CipherKey[] {
  const fields = isJsonObject(provider) ? provider : {};
  refuseUnknown(fields, { at, known: ['keys'] }, problems);
  const names = new Set<string>();
  return listOf(fields['keys'], `${at}.keys`, problems).flatMap((each, index) => {
    const place = `${at}.keys[${index}]`;
    const { name, secret } = isJsonObject(each) ? each : {};
    if (typeof name !== 'string' || name === '' || name.includes(':')) {
      problems.push(`${place}.name is to be a text without a colon`);
      return [];
    }
    if (names.has(name)) problems.push(`${place}.name ${name} stands there twice`);
    names.add(name);
    const bytes = typeof secret === 'string' ? decoded(secret) : undefined;
    if (typeof secret !== 'string' || bytes === undefined) {
      problems.push(`${place}.secret is to be base64`);
      return [];
    }
    if (!keyBytes[kind].includes(bytes.length)) {
      const wanted = keyBytes[kind].join(', ').replace(/, (\d+)$/, ' or $1');
      problems.push(`${place}.secret has ${bytes.length} bytes instead of ${wanted}`);
    }
    return [{ name, secret: new Secret(secret) }];
  });
}

/** Undefined for what is no base64. */
function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  const isWhole = bytes.toString('base64').replace(/=+$/, '') === text.trim().replace(/=+$/, '');
  return isWhole ? bytes : undefined;
}

function listOf(value: unknown, at: string, problems: string[]): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  problems.push(`${at} is to be a list of at least one`);
  return [];
}

function refuseUnknown(
  fields: Readonly<Record<string, unknown>>,
  { at, known }: { readonly at: string; readonly known: readonly string[] },
  problems: string[],
): void {
  for (const field of Object.keys(fields)) {
    if (!known.includes(field)) problems.push(`${at === '' ? '' : `${at}.`}${field} is no field`);
  }
}
