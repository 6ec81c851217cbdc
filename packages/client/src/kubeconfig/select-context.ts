import { Secret } from '@fairway/host';
import { directoryOf, hasPathSeparator, resolvePath } from './file-path.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import type { ClusterStanza, ContextStanza, UserStanza } from './kubeconfig-schema.ts';
import type { Entry, Kubeconfig } from './merge-kubeconfigs.ts';

/** What a caller wants otherwise than configured: kubectl's global flags. */
export interface ClusterOverrides {
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  /** A name, or `ns/NAME`, `namespace/NAME`, `namespaces/NAME`. */
  readonly namespace?: string;
  readonly server?: string;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** Path, seen from the working directory, as the two below. */
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly proxyUrl?: string;
  readonly disableCompression?: boolean;
  readonly token?: string | Secret;
  readonly username?: string;
  readonly password?: string | Secret;
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups?: readonly string[];
  readonly asUserExtra?: Readonly<Record<string, readonly string[]>>;
  /** `30`, `30s`, `2m`, `1h30m`; `0` is no bound. */
  readonly requestTimeout?: string;
}

/** The one cluster and user to talk to and as, all paths absolute. */
export interface Selection {
  readonly contextName?: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly cluster: ClusterStanza;
  readonly user: UserStanza;
  /** Absent: neither the caller nor the context names one. */
  readonly namespace?: string;
  /** Files of origin, for messages and for writing refreshed tokens back. */
  readonly clusterFile: string;
  readonly userFile: string;
  /** `context "dev" in /home/a/.kube/config`. */
  readonly origin: string;
}

export interface Surroundings {
  readonly workingDirectory: string;
  readonly platform: string;
}

/**
 * Chooses cluster and user of a configuration and lays the caller's wishes over them.
 *
 * Errors: throws `KubeconfigError` with `unknown-name` when something named does not exist. Whether
 * what was chosen is usable is for `checkSelection` to say.
 */
export function selectContext(
  config: Kubeconfig,
  overrides: ClusterOverrides,
  surroundings: Surroundings,
): Selection {
  const context = chooseContext(config, overrides);
  const cluster = chooseCluster(config, overrides, context);
  const user = chooseUser(config, overrides, context);
  const { platform } = surroundings;
  const namespace = overrides.namespace || context?.value.namespace;
  return {
    ...(context === undefined ? {} : { contextName: context.name }),
    clusterName: cluster?.name ?? '',
    userName: user?.name ?? '',
    cluster: overrideCluster(absoluteCluster(cluster, platform), overrides, surroundings),
    user: overrideUser(absoluteUser(user, platform), overrides, surroundings),
    ...(namespace ? { namespace: stripNamespacePrefix(namespace) } : {}),
    clusterFile: cluster?.file ?? '',
    userFile: user?.file ?? '',
    origin: describeOrigin(context, cluster),
  };
}

/** `namespaces/shop` is accepted for `shop`, as kubectl does. */
export function stripNamespacePrefix(namespace: string): string {
  return namespace.replace(/^(ns|namespaces?)\//i, '');
}

function chooseContext(
  config: Kubeconfig,
  overrides: ClusterOverrides,
): Entry<ContextStanza> | undefined {
  const name = overrides.context || config.currentContext;
  if (name === undefined || name === '') return undefined;
  const context = config.contexts.get(name);
  if (context !== undefined) return context;
  if (overrides.context) throw unknownName('context', name, config);
  const file = config.currentContextFile ?? '';
  const has = listNames(config.contexts);
  const detail = `context was not found for specified context: ${name} (has: ${has}); choose another one`;
  throw new KubeconfigError('unknown-name', [{ file, field: 'current-context', detail }], {
    message: `${detail}, in ${file}`,
  });
}

function chooseCluster(
  config: Kubeconfig,
  overrides: ClusterOverrides,
  context: Entry<ContextStanza> | undefined,
): Entry<ClusterStanza> | undefined {
  const name = overrides.cluster || context?.value.cluster || '';
  const cluster = config.clusters.get(name);
  if (cluster !== undefined || name === '') return cluster;
  if (overrides.cluster) throw unknownName('cluster', name, config);
  if (overrides.server) return undefined;
  const field = `contexts[${JSON.stringify(context?.name)}].context.cluster`;
  const detail = `cluster ${JSON.stringify(name)} was not found (has: ${listNames(config.clusters)})`;
  throw new KubeconfigError('unknown-name', [{ file: context?.file ?? '', field, detail }]);
}

function chooseUser(
  config: Kubeconfig,
  overrides: ClusterOverrides,
  context: Entry<ContextStanza> | undefined,
): Entry<UserStanza> | undefined {
  const name = overrides.user || context?.value.user || '';
  const user = config.users.get(name);
  if (user === undefined && overrides.user) throw unknownName('user', name, config);
  return user;
}

function unknownName(
  kind: 'context' | 'cluster' | 'user',
  name: string,
  config: Kubeconfig,
): KubeconfigError {
  const entries = { context: config.contexts, cluster: config.clusters, user: config.users }[kind];
  const file = config.files.join(', ');
  const detail = `${kind} ${JSON.stringify(name)} does not exist (has: ${listNames(entries)})`;
  const place = file === '' ? 'any kubeconfig' : file;
  const message = `${kind} ${JSON.stringify(name)} does not exist in ${place} (has: ${listNames(entries)})`;
  return new KubeconfigError('unknown-name', [{ file, field: `--${kind}`, detail }], { message });
}

function listNames(entries: ReadonlyMap<string, unknown>): string {
  const names = [...entries.keys()].toSorted();
  const shown = names.slice(0, 20).join(', ');
  if (names.length > 20) return `${shown} and ${names.length - 20} more`;
  return shown === '' ? 'none' : shown;
}

function describeOrigin(
  context: Entry<ContextStanza> | undefined,
  cluster: Entry<ClusterStanza> | undefined,
): string {
  if (context !== undefined) return `context ${JSON.stringify(context.name)} in ${context.file}`;
  if (cluster !== undefined) return `cluster ${JSON.stringify(cluster.name)} in ${cluster.file}`;
  return 'the command line';
}

function absoluteCluster(entry: Entry<ClusterStanza> | undefined, platform: string): ClusterStanza {
  if (entry === undefined) return {};
  return absolutePaths(entry, ['certificate-authority'], platform);
}

function absoluteUser(entry: Entry<UserStanza> | undefined, platform: string): UserStanza {
  if (entry === undefined) return {};
  const user = absolutePaths(entry, ['client-certificate', 'client-key', 'tokenFile'], platform);
  const command = user.exec?.command ?? '';
  if (!hasPathSeparator(command, platform)) return user;
  const directory = directoryOf(entry.file, platform);
  return {
    ...user,
    exec: { ...user.exec, command: resolvePath(directory, command, platform) },
  };
}

function absolutePaths<T extends object>(
  entry: Entry<T>,
  keys: readonly (keyof T)[],
  platform: string,
): T {
  const directory = directoryOf(entry.file, platform);
  const changes: Partial<T> = {};
  for (const key of keys) {
    const path = entry.value[key];
    if (typeof path === 'string' && path !== '') {
      Object.assign(changes, { [key]: resolvePath(directory, path, platform) });
    }
  }
  return { ...entry.value, ...changes };
}

function overrideCluster(
  cluster: ClusterStanza,
  overrides: ClusterOverrides,
  { workingDirectory, platform }: Surroundings,
): ClusterStanza {
  const { server, certificateAuthority, insecureSkipTlsVerify, tlsServerName } = overrides;
  const draft: Record<string, unknown> = { ...cluster };
  // Either flag says everything about trust; what the file says about it no longer counts.
  if (certificateAuthority || insecureSkipTlsVerify !== undefined) {
    for (const key of trustKeys) delete draft[key];
  }
  // Name and other addresses belong to the server that the file names.
  if (server) {
    delete draft['tls-server-name'];
    delete draft['extensions'];
  }
  return withDefined(draft, {
    server: server || undefined,
    'certificate-authority': certificateAuthority
      ? resolvePath(workingDirectory, certificateAuthority, platform)
      : undefined,
    'insecure-skip-tls-verify': insecureSkipTlsVerify,
    'tls-server-name': tlsServerName || undefined,
    'proxy-url': overrides.proxyUrl || undefined,
    'disable-compression': overrides.disableCompression,
  });
}

const trustKeys = [
  'insecure-skip-tls-verify',
  'certificate-authority',
  'certificate-authority-data',
] as const;

function overrideUser(
  user: UserStanza,
  overrides: ClusterOverrides,
  { workingDirectory, platform }: Surroundings,
): UserStanza {
  const { clientCertificate, clientKey, token, username, password } = overrides;
  const draft: Record<string, unknown> = { ...user };
  // kubectl drops the data of both when either file is named, and keeps the other file.
  if (clientCertificate || clientKey) {
    delete draft['client-certificate-data'];
    delete draft['client-key-data'];
  }
  // A token or password on the command line replaces the configured way of getting one.
  if (token !== undefined || username !== undefined || password !== undefined) {
    for (const key of tokenSourceKeys) delete draft[key];
  }
  const path = (value: string | undefined): string | undefined =>
    value ? resolvePath(workingDirectory, value, platform) : undefined;
  return withDefined(draft, {
    'client-certificate': path(clientCertificate),
    'client-key': path(clientKey),
    token: asSecret(token),
    username,
    password: asSecret(password),
    as: overrides.as || undefined,
    'as-uid': overrides.asUid || undefined,
    'as-groups': overrides.asGroups,
    'as-user-extra': overrides.asUserExtra,
  });
}

const tokenSourceKeys = [
  'token',
  'tokenFile',
  'username',
  'password',
  'exec',
  'auth-provider',
] as const;

function asSecret(value: string | Secret | undefined): Secret | undefined {
  return typeof value === 'string' ? new Secret(value) : value;
}

function withDefined<T extends object>(draft: object, changes: Record<string, unknown>): T {
  const defined = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...draft, ...Object.fromEntries(defined) } as T;
}
