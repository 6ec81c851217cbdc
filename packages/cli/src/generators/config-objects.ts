import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { DynamicObject } from '@fairway/client';
import { formatCompactJson } from '../output/json-text.ts';
import { CommandError } from '../command-error.ts';
import { type DataFlags, isText, readData, readNamedFile } from './config-data.ts';
import type { Generator, GeneratorTask } from './generator.ts';

interface HashFlag {
  readonly appendHash?: boolean;
}

/** `create configmap` */
export const configMap: Generator<DataFlags & HashFlag> = async ({ context, name, flags }) => {
  const data = [...(await readData(context, flags))].sort(byKey);
  const texts = data.filter(([, value]) => isText(value));
  const bytes = data.filter(([, value]) => !isText(value));
  const fields = {
    ...(texts.length === 0 ? {} : { data: mapped(texts, 'utf8') }),
    ...(bytes.length === 0 ? {} : { binaryData: mapped(bytes, 'base64') }),
  };
  const hashed = { kind: 'ConfigMap', ...fields, data: fields.data ?? {} };
  return { apiVersion: 'v1', kind: 'ConfigMap', ...fields, ...named(name, flags, hashed) };
};

/** `create secret generic` */
export const genericSecret: Generator<DataFlags & HashFlag & { readonly type?: string }> = async ({
  context,
  name,
  flags,
}) => {
  const data = [...(await readData(context, flags))].sort(byKey);
  return secret({ name, flags }, mapped(data, 'base64'), flags.type);
};

interface RegistryFlags extends HashFlag {
  readonly dockerServer: string;
  readonly dockerUsername?: string;
  readonly dockerPassword?: string;
  readonly dockerEmail?: string;
  readonly fromFile?: readonly string[];
}

/** `create secret docker-registry` */
export const registrySecret: Generator<RegistryFlags> = async ({ context, name, flags }) => {
  const key = '.dockerconfigjson';
  const type = 'kubernetes.io/dockerconfigjson';
  const { dockerServer, dockerUsername = '', dockerPassword = '', dockerEmail = '' } = flags;
  const isGiven = dockerUsername !== '' || dockerPassword !== '' || dockerEmail !== '';
  if (flags.fromFile !== undefined) {
    if (isGiven) {
      throw new CommandError('--from-file cannot be combined with the other --docker- flags');
    }
    const [source = '', ...more] = flags.fromFile;
    if (more.length > 0) throw new CommandError('--from-file may be given once');
    const path = source.startsWith(`${key}=`) ? source.slice(key.length + 1) : source;
    const text = await readNamedFile(context, path);
    return secret({ name, flags }, { [key]: base64(text) }, type);
  }
  if (dockerUsername === '' || dockerPassword === '' || dockerServer === '') {
    throw new CommandError(
      'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    );
  }
  const entry = {
    username: dockerUsername,
    password: dockerPassword,
    ...(dockerEmail === '' ? {} : { email: dockerEmail }),
    auth: base64(`${dockerUsername}:${dockerPassword}`),
  };
  const text = JSON.stringify({ auths: { [dockerServer]: entry } });
  return secret({ name, flags }, { [key]: base64(text) }, type);
};

/** `create secret tls` */
export const tlsSecret: Generator<
  HashFlag & { readonly cert?: string; readonly key?: string }
> = async ({ context, name, flags }) => {
  const { cert = '', key = '' } = flags;
  if (cert === '' || key === '') throw new CommandError('key and cert must be specified');
  const certificate = await readNamedFile(context, cert);
  const keyText = await readNamedFile(context, key);
  checkPair({ cert, key }, certificate, keyText);
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(keyText) };
  return secret({ name, flags }, data, 'kubernetes.io/tls');
};

function checkPair(
  files: { readonly cert: string; readonly key: string },
  certificate: string,
  key: string,
): void {
  let [leaf, wanted]: [X509Certificate | undefined, Buffer | undefined] = [undefined, undefined];
  try {
    leaf = new X509Certificate(certificate);
  } catch (cause) {
    throw new CommandError(`${files.cert} holds no certificate in PEM`, { cause });
  }
  try {
    wanted = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  } catch (cause) {
    throw new CommandError(`${files.key} holds no private key in PEM`, { cause });
  }
  if (leaf.publicKey.export({ type: 'spki', format: 'der' }).equals(wanted)) return;
  throw new CommandError(
    `tls: private key does not match public key: ${files.key} is not the key of ${files.cert}`,
  );
}

function secret(
  { name, flags }: Pick<GeneratorTask<HashFlag>, 'name' | 'flags'>,
  data: Readonly<Record<string, string>>,
  type?: string,
): DynamicObject {
  const given = type === undefined || type === '' ? {} : { type };
  const hashed = { kind: 'Secret', type: type ?? '', data };
  const fields = Object.keys(data).length === 0 ? {} : { data };
  return { apiVersion: 'v1', kind: 'Secret', ...fields, ...given, ...named(name, flags, hashed) };
}

function named(
  name: string,
  { appendHash = false }: HashFlag,
  hashed: object,
): { readonly metadata: { readonly name: string } } {
  return { metadata: { name: appendHash ? `${name}-${hashOf({ ...hashed, name })}` : name } };
}

/** A few characters that change with the content. Source: kubectl, pkg/util/hash. */
function hashOf(content: Readonly<Record<string, unknown>>): string {
  const hex = createHash('sha256').update(formatCompactJson(content)).digest('hex');
  // No vowels, and nothing that reads like another character.
  const letters: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };
  return hex.slice(0, 10).replaceAll(/\w/g, (digit) => letters[digit] ?? digit);
}

function mapped(
  data: readonly (readonly [string, Buffer])[],
  encoding: 'utf8' | 'base64',
): Readonly<Record<string, string>> {
  return Object.fromEntries(data.map(([key, value]) => [key, value.toString(encoding)]));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
