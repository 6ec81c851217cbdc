import { Secret } from '@fairway/host';
import { isBase64 } from './base64-text.ts';

/**
 * What a kubeconfig file holds, under the names that it uses on disk.
 *
 * Shape: secrets are `Secret`, everything else is as it was read; unknown keys stay where they are.
 * Source: client-authentication and kubeconfig v1 API reference.
 */
export interface KubeconfigFile {
  readonly 'current-context'?: string;
  readonly preferences?: Readonly<Record<string, unknown>>;
  readonly clusters?: readonly NamedCluster[];
  readonly users?: readonly NamedUser[];
  readonly contexts?: readonly NamedContext[];
  readonly extensions?: readonly NamedExtension[];
}

export interface NamedCluster {
  readonly name: string;
  readonly cluster: ClusterStanza;
}

export interface NamedUser {
  readonly name: string;
  readonly user: UserStanza;
}

export interface NamedContext {
  readonly name: string;
  readonly context: ContextStanza;
}

export interface NamedExtension {
  readonly name: string;
  readonly extension?: unknown;
}

export interface ClusterStanza {
  readonly server?: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'proxy-url'?: string;
  readonly 'disable-compression'?: boolean;
  readonly extensions?: readonly NamedExtension[];
}

export interface UserStanza {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: Secret;
  readonly token?: Secret;
  readonly tokenFile?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  readonly username?: string;
  readonly password?: Secret;
  readonly 'auth-provider'?: AuthProviderStanza;
  readonly exec?: ExecStanza;
  readonly extensions?: readonly NamedExtension[];
}

export interface AuthProviderStanza {
  readonly name?: string;
  readonly config?: Readonly<Record<string, string | Secret>>;
}

export interface ExecStanza {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly apiVersion?: string;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: string;
}

export interface ContextStanza {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly extensions?: readonly NamedExtension[];
}

/** Keys of an auth-provider's `config` whose value is a secret. */
const secretProviderKeys = new Set([
  'id-token',
  'refresh-token',
  'access-token',
  'client-secret',
  'password',
]);

/** What is wrong with a parsed document, or the document itself with its secrets put away. */
export function decodeKubeconfigFile(
  document: unknown,
): { file: KubeconfigFile } | { faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const value = decode(fileShape, document ?? {}, { field: '', faults });
  return faults.length > 0 ? { faults } : { file: (value ?? {}) as KubeconfigFile };
}

export interface Fault {
  readonly field: string;
  readonly detail: string;
}

/** What a value must look like. `wrap` puts a string away as a `Secret`. */
type Shape =
  | { readonly type: 'string'; readonly wrap?: boolean; readonly oneOf?: readonly string[] }
  | { readonly type: 'base64'; readonly wrap?: boolean }
  | { readonly type: 'boolean' }
  | { readonly type: 'anything' }
  | { readonly type: 'list'; readonly of: Shape; readonly isNamed?: boolean }
  | { readonly type: 'map'; readonly of: Shape; readonly wrapKeys?: ReadonlySet<string> }
  | { readonly type: 'object'; readonly fields: Readonly<Record<string, Shape>> };

const text: Shape = { type: 'string' };
const flag: Shape = { type: 'boolean' };
const secret: Shape = { type: 'string', wrap: true };
const texts: Shape = { type: 'list', of: text };

const extensions: Shape = {
  type: 'list',
  isNamed: true,
  of: { type: 'object', fields: { name: text, extension: { type: 'anything' } } },
};

const clusterShape: Shape = {
  type: 'object',
  fields: {
    server: text,
    'tls-server-name': text,
    'insecure-skip-tls-verify': flag,
    'certificate-authority': text,
    'certificate-authority-data': { type: 'base64' },
    'proxy-url': text,
    'disable-compression': flag,
    extensions,
  },
};

const execShape: Shape = {
  type: 'object',
  fields: {
    command: text,
    args: texts,
    env: { type: 'list', of: { type: 'object', fields: { name: text, value: text } } },
    apiVersion: text,
    installHint: text,
    provideClusterInfo: flag,
    interactiveMode: text,
  },
};

const userShape: Shape = {
  type: 'object',
  fields: {
    'client-certificate': text,
    'client-certificate-data': { type: 'base64' },
    'client-key': text,
    'client-key-data': { type: 'base64', wrap: true },
    token: secret,
    tokenFile: text,
    as: text,
    'as-uid': text,
    'as-groups': texts,
    'as-user-extra': { type: 'map', of: texts },
    username: text,
    password: secret,
    'auth-provider': {
      type: 'object',
      fields: { name: text, config: { type: 'map', of: text, wrapKeys: secretProviderKeys } },
    },
    exec: execShape,
    extensions,
  },
};

const contextShape: Shape = {
  type: 'object',
  fields: { cluster: text, user: text, namespace: text, extensions },
};

const fileShape: Shape = {
  type: 'object',
  fields: {
    apiVersion: { type: 'string', oneOf: ['v1', ''] },
    kind: { type: 'string', oneOf: ['Config', ''] },
    'current-context': text,
    preferences: { type: 'map', of: { type: 'anything' } },
    clusters: named('cluster', clusterShape),
    users: named('user', userShape),
    contexts: named('context', contextShape),
    extensions,
  },
};

function named(key: string, shape: Shape): Shape {
  return {
    type: 'list',
    isNamed: true,
    of: { type: 'object', fields: { name: text, [key]: shape } },
  };
}

interface Place {
  readonly field: string;
  readonly faults: Fault[];
}

/** The value with its secrets put away. `null` counts as absent, as it does for kubectl. */
function decode(shape: Shape, value: unknown, place: Place): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.type) {
    case 'anything':
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : expected('true or false', value, place);
    case 'string':
      return decodeString(shape, value, place);
    case 'base64':
      return decodeBase64(shape, value, place);
    case 'list':
      return decodeList(shape, value, place);
    case 'map':
      return decodeMap(shape, value, place);
    case 'object':
      return decodeObject(shape, value, place);
  }
}

function decodeString(
  shape: { wrap?: boolean; oneOf?: readonly string[] },
  value: unknown,
  place: Place,
): unknown {
  if (typeof value !== 'string') return expected('a string', value, place);
  if (shape.oneOf?.includes(value) === false) {
    return fault(place, `must be ${JSON.stringify(shape.oneOf[0])}, not ${JSON.stringify(value)}`);
  }
  return shape.wrap ? new Secret(value) : value;
}

function decodeBase64(shape: { wrap?: boolean }, value: unknown, place: Place): unknown {
  if (typeof value !== 'string') return expected('base64 text', value, place);
  const compact = value.replace(/[\r\n]/g, '');
  if (!isBase64(compact)) return fault(place, 'is not base64');
  return shape.wrap ? new Secret(compact) : compact;
}

function decodeList(
  shape: { of: Shape; isNamed?: boolean },
  value: unknown,
  place: Place,
): unknown {
  if (!Array.isArray(value)) return expected('a list', value, place);
  const entries = value.map((each, index) => {
    const field = `${place.field}[${index}]`;
    const entry = decode(shape.of, each, { ...place, field });
    return entry ?? (shape.of.type === 'string' ? '' : {});
  });
  if (shape.isNamed) refuseDuplicateNames(entries, place);
  return entries;
}

function refuseDuplicateNames(entries: readonly unknown[], place: Place): void {
  const seen = new Set<string>();
  entries.forEach((entry, index) => {
    const name = isRecord(entry) && typeof entry['name'] === 'string' ? entry['name'] : '';
    if (seen.has(name)) {
      const detail = `duplicate name ${JSON.stringify(name)} in list; remove or rename one of them`;
      place.faults.push({ field: `${place.field}[${index}].name`, detail });
    }
    seen.add(name);
  });
}

function decodeMap(
  shape: { of: Shape; wrapKeys?: ReadonlySet<string> },
  value: unknown,
  place: Place,
): unknown {
  if (!isRecord(value)) return expected('a mapping', value, place);
  const entries = Object.entries(value).map(([key, each]) => {
    const of = shape.wrapKeys?.has(key) ? secret : shape.of;
    return [key, decode(of, each, { ...place, field: `${place.field}[${JSON.stringify(key)}]` })];
  });
  return Object.fromEntries(entries) as unknown;
}

function decodeObject(
  shape: { fields: Readonly<Record<string, Shape>> },
  value: unknown,
  place: Place,
): unknown {
  if (!isRecord(value)) return expected('a mapping', value, place);
  const entries = Object.entries(value).map(([key, each]) => {
    const of = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (of === undefined) return [key, each];
    return [key, decode(of, each, { ...place, field: joinField(place.field, key) })];
  });
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined)) as unknown;
}

function joinField(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}

function expected(what: string, value: unknown, place: Place): undefined {
  const actual = Array.isArray(value)
    ? 'a list'
    : isRecord(value)
      ? 'a mapping'
      : `a ${typeof value}`;
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  const remedy = what === 'a string' && isScalar ? '; put it in quotes' : '';
  return fault(place, `must be ${what}, not ${actual}${remedy}`);
}

function fault(place: Place, detail: string): undefined {
  place.faults.push({ field: place.field, detail });
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
