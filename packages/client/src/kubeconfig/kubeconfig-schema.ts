import type { Secret } from '@fairway/host';
import { decodeShape, type Fault, type Shape } from './decode-shape.ts';

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

/** What is wrong with a parsed document, or the document itself with its secrets put away. */
export function decodeKubeconfigFile(
  document: unknown,
): { file: KubeconfigFile } | { faults: readonly Fault[] } {
  const { value, faults } = decodeShape(fileShape, document ?? {});
  return faults.length > 0 ? { faults } : { file: value as KubeconfigFile };
}

/** Keys of an auth-provider's `config` whose value is a secret. */
const secretProviderKeys = new Set([
  'id-token',
  'refresh-token',
  'access-token',
  'client-secret',
  'password',
]);

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
