import { type Files, Secret } from '@fairway/host';
import { encodeBase64Text } from './base64-text.ts';
import { directoryOf, resolvePath } from './file-path.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import type {
  AuthProviderStanza,
  ClusterStanza,
  ContextStanza,
  ExecStanza,
  NamedExtension,
  UserStanza,
} from './kubeconfig-schema.ts';
import type { Entry, Kubeconfig } from './merge-kubeconfigs.ts';

/**
 * A configuration as `kubectl config view` shows it: plain JSON, entries by name.
 *
 * Secrets read `REDACTED`, certificates and keys `DATA+OMITTED`, unless `secrets` is `shown`.
 */
export function viewKubeconfig(
  config: Kubeconfig,
  options: { readonly secrets: 'shown' | 'redacted' },
): Record<string, unknown> {
  const show: Show =
    options.secrets === 'shown'
      ? { secret: (value) => value.reveal(), data: (value) => value }
      : { secret: () => 'REDACTED', data: () => 'DATA+OMITTED' };
  const extensions = [...config.extensions.values()].map(({ name, value }) => ({
    name,
    extension: value,
  }));
  return {
    kind: 'Config',
    apiVersion: 'v1',
    preferences: config.preferences,
    clusters: viewEntries(config.clusters, (value) => ({ cluster: viewCluster(value, show) })),
    users: viewEntries(config.users, (value) => ({ user: viewUser(value, show) })),
    contexts: viewEntries(config.contexts, (value) => ({ context: viewContext(value) })),
    'current-context': config.currentContext ?? '',
    ...withoutEmpty({ extensions }),
  };
}

/**
 * Only what the current context needs.
 *
 * Errors: throws `KubeconfigError` (`unknown-name`) when there is no current context, or what it
 * names does not exist.
 */
export function minifyKubeconfig(
  config: Kubeconfig,
  contextName: string | undefined = config.currentContext,
): Kubeconfig {
  if (!contextName) {
    const message = 'current-context must exist in order to minify; name one with --context';
    throw new KubeconfigError('unknown-name', [], { message });
  }
  const contexts = only(config.contexts, contextName, 'context');
  const { cluster = '', user = '' } = contexts.get(contextName)?.value ?? {};
  return {
    ...config,
    currentContext: contextName,
    contexts,
    clusters: cluster === '' ? new Map() : only(config.clusters, cluster, 'cluster'),
    users: user === '' ? new Map() : only(config.users, user, 'user'),
  };
}

/**
 * The same configuration with the files that it names read into it, so that it stands alone.
 *
 * Errors: throws `KubeconfigError` (`unreadable`) naming the file that cannot be read.
 */
export async function flattenKubeconfig(
  files: Files,
  config: Kubeconfig,
  platform: string,
): Promise<Kubeconfig> {
  const read = fileReader(files, platform);
  const clusters = await mapEntries(config.clusters, async (entry) => {
    const { 'certificate-authority': path, ...rest } = entry.value;
    const text = await read(entry, path);
    return text === undefined ? rest : { ...rest, 'certificate-authority-data': text };
  });
  const users = await mapEntries(config.users, async (entry) => {
    const { 'client-certificate': certificate, 'client-key': key, ...rest } = entry.value;
    const certificateData = await read(entry, certificate);
    const keyData = await read(entry, key);
    return {
      ...rest,
      ...(certificateData === undefined ? {} : { 'client-certificate-data': certificateData }),
      ...(keyData === undefined ? {} : { 'client-key-data': new Secret(keyData) }),
    };
  });
  return { ...config, clusters, users };
}

/** How secrets and data are to be seen. */
interface Show {
  secret(value: Secret): string;
  data(value: string): string;
}

function viewEntries<T>(
  entries: ReadonlyMap<string, Entry<T>>,
  view: (value: T) => object,
): object[] | null {
  if (entries.size === 0) return null;
  const sorted = [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.map(({ name, value }) => ({ name, ...view(value) }));
}

function viewCluster(cluster: ClusterStanza, show: Show): object {
  return {
    server: cluster.server ?? '',
    ...withoutEmpty({
      'tls-server-name': cluster['tls-server-name'],
      'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
      'certificate-authority': cluster['certificate-authority'],
      'certificate-authority-data': viewData(cluster['certificate-authority-data'], show),
      'proxy-url': cluster['proxy-url'],
      'disable-compression': cluster['disable-compression'],
      extensions: viewExtensions(cluster.extensions),
    }),
  };
}

function viewUser(user: UserStanza, show: Show): object {
  const key = user['client-key-data'];
  const secret = (value: Secret | undefined): string | undefined =>
    value?.reveal() ? show.secret(value) : undefined;
  return withoutEmpty({
    'client-certificate': user['client-certificate'],
    'client-certificate-data': viewData(user['client-certificate-data'], show),
    'client-key': user['client-key'],
    'client-key-data': viewData(key?.reveal(), show),
    token: secret(user.token),
    tokenFile: user.tokenFile,
    as: user.as,
    'as-uid': user['as-uid'],
    'as-groups': user['as-groups'],
    'as-user-extra': user['as-user-extra'],
    username: user.username,
    password: secret(user.password),
    'auth-provider': user['auth-provider'] && viewAuthProvider(user['auth-provider'], show),
    exec: user.exec && viewExec(user.exec),
    extensions: viewExtensions(user.extensions),
  });
}

function viewContext(context: ContextStanza): object {
  return {
    cluster: context.cluster ?? '',
    user: context.user ?? '',
    ...withoutEmpty({
      namespace: context.namespace,
      extensions: viewExtensions(context.extensions),
    }),
  };
}

function viewAuthProvider({ name = '', config }: AuthProviderStanza, show: Show): object {
  const entries = Object.entries(config ?? {}).map(([key, value]) => [
    key,
    value instanceof Secret ? show.secret(value) : value,
  ]);
  return { name, config: config === undefined ? null : (Object.fromEntries(entries) as object) };
}

function viewExec(exec: ExecStanza): object {
  const isBeta = exec.apiVersion?.endsWith('/v1beta1') === true;
  return {
    command: exec.command ?? '',
    args: exec.args ?? null,
    env: exec.env?.map(({ name = '', value = '' }) => ({ name, value })) ?? null,
    apiVersion: exec.apiVersion ?? '',
    ...withoutEmpty({ installHint: exec.installHint }),
    provideClusterInfo: exec.provideClusterInfo ?? false,
    ...withoutEmpty({ interactiveMode: exec.interactiveMode || (isBeta ? 'IfAvailable' : '') }),
  };
}

function viewData(data: string | undefined, show: Show): string | undefined {
  return data ? show.data(data) : undefined;
}

function viewExtensions(extensions: readonly NamedExtension[] | undefined): object[] | undefined {
  return extensions?.map(({ name, extension = null }) => ({ name, extension }));
}

/** Without what the API leaves out when it is empty. */
function withoutEmpty(fields: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([, value]) => {
    if (value === undefined || value === '' || value === false) return false;
    return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
  });
  return Object.fromEntries(kept);
}

function only<T>(
  entries: ReadonlyMap<string, Entry<T>>,
  name: string,
  kind: string,
): ReadonlyMap<string, Entry<T>> {
  const entry = entries.get(name);
  if (entry !== undefined) return new Map([[name, entry]]);
  const has = [...entries.keys()].toSorted().slice(0, 20).join(', ') || 'none';
  const message = `cannot locate ${kind} ${name} (has: ${has})`;
  throw new KubeconfigError('unknown-name', [], { message });
}

async function mapEntries<T>(
  entries: ReadonlyMap<string, Entry<T>>,
  change: (entry: Entry<T>) => Promise<T>,
): Promise<ReadonlyMap<string, Entry<T>>> {
  const changed = new Map<string, Entry<T>>();
  for (const [name, entry] of entries) {
    changed.set(name, { ...entry, value: await change(entry) });
  }
  return changed;
}

function fileReader(
  files: Files,
  platform: string,
): (entry: Entry<unknown>, path: string | undefined) => Promise<string | undefined> {
  return async (entry, path) => {
    if (!path) return undefined;
    const absolute = resolvePath(directoryOf(entry.file, platform), path, platform);
    const bytes = await files.read(absolute);
    if (bytes !== undefined) return encodeBase64Text(new TextDecoder().decode(bytes));
    const detail = `${JSON.stringify(entry.name)} names ${absolute}, which does not exist`;
    throw new KubeconfigError('unreadable', [{ file: entry.file, field: '', detail }]);
  };
}
