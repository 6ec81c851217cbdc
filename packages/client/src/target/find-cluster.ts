import type { ClusterTarget } from '../cluster-target.ts';
import type { FetchJson, OidcTokens } from '../credentials/oidc-auth-provider.ts';
import { buildClusterTarget } from './build-cluster-target.ts';
import { checkSelection } from './check-selection.ts';
import type { ClusterHost } from '../kubeconfig/cluster-host.ts';
import { findKubeconfig, type KubeconfigLocation } from '../kubeconfig/find-kubeconfig.ts';
import { inClusterConfig, inClusterNamespace, isInCluster } from '../kubeconfig/in-cluster.ts';
import { KubeconfigError } from '../kubeconfig/kubeconfig-error.ts';
import { loadKubeconfig } from '../kubeconfig/load-kubeconfig.ts';
import type { Kubeconfig } from '../kubeconfig/merge-kubeconfigs.ts';
import { parseRequestTimeout } from '../kubeconfig/parse-request-timeout.ts';
import {
  type ClusterOverrides,
  type Selection,
  selectContext,
} from '../kubeconfig/select-context.ts';

export interface FindClusterOptions {
  /** This file and no other. */
  readonly kubeconfig?: string;
  readonly overrides?: ClusterOverrides;
  /**
   * Who wins when a pod also has a kubeconfig.
   *
   * `kubectl` (default): any kubeconfig with a server, then the pod's service account.
   * `controller`: a file named here or by `KUBECONFIG`, then the pod's service account, then the
   * file in the home directory. Safer for programs that should act as their pod. An override
   * that names a context, cluster or user asks for the file.
   */
  readonly order?: 'kubectl' | 'controller';
  /** Default: what `FAIRWAY_SERVICE_ACCOUNT_DIRECTORY` says, else where the kubelet puts it. */
  readonly serviceAccountDirectory?: string;
  /** Needed to renew OpenID Connect tokens. */
  readonly fetchJson?: FetchJson;
}

/**
 * Finds the cluster to talk to, the way kubectl does, inside a pod and outside.
 *
 * Errors: throws `KubeconfigError`; `problem` is `absent` when nothing is configured anywhere.
 */
export async function findCluster(
  host: ClusterHost,
  options: FindClusterOptions = {},
): Promise<ClusterTarget> {
  const location = await findKubeconfig(host, options.kubeconfig);
  const isPod = await isInCluster(host, options);
  if (isPod && prefersPod(options, location)) return inClusterTarget(host, options);
  const config = await loadKubeconfig(host.files, location);
  const selection = selectCluster(host, config, options.overrides ?? {});
  if (namesCluster(selection)) return targetOf(host, { selection, isPod }, options);
  if (isPod) return inClusterTarget(host, options);
  throw nothingConfigured(config, await absentFiles(host, location));
}

/**
 * The cluster that this program runs in, as the service account of its pod.
 *
 * Overrides that name a context, cluster or user have no effect here.
 * Errors: throws `KubeconfigError` when this is no pod, or its token cannot be read.
 */
export async function inClusterTarget(
  host: ClusterHost,
  options: Omit<FindClusterOptions, 'kubeconfig' | 'order'> = {},
): Promise<ClusterTarget> {
  const overrides = { ...options.overrides, context: '', cluster: '', user: '' };
  const config = await inClusterConfig(host, options);
  const selection = selectContext(config, overrides, host.environment);
  const target = await targetOf(host, { selection, isPod: true }, options);
  return { ...target, origin: `the service account of this pod in ${selection.userFile}` };
}

/**
 * The target that a kubeconfig in hand describes, without looking for one.
 *
 * Errors: throws `KubeconfigError`.
 */
export async function targetFromKubeconfig(
  host: ClusterHost,
  config: Kubeconfig,
  options: Omit<FindClusterOptions, 'kubeconfig' | 'order'> = {},
): Promise<ClusterTarget> {
  const selection = selectContext(config, options.overrides ?? {}, host.environment);
  if (!namesCluster(selection)) throw nothingConfigured(config);
  return targetOf(host, { selection, isPod: false }, options);
}

/** The selection, with `KUBERNETES_MASTER` as the address of a cluster that has none. */
function selectCluster(
  host: ClusterHost,
  config: Kubeconfig,
  overrides: ClusterOverrides,
): Selection {
  const selection = selectContext(config, overrides, host.environment);
  const { KUBERNETES_MASTER: server } = host.environment.variables;
  if (selection.cluster.server || !server) return selection;
  return {
    ...selection,
    cluster: { ...selection.cluster, server },
    clusterFile: selection.clusterFile || 'KUBERNETES_MASTER',
    origin: 'KUBERNETES_MASTER',
  };
}

async function targetOf(
  host: ClusterHost,
  found: { selection: Selection; isPod: boolean },
  options: FindClusterOptions,
): Promise<ClusterTarget> {
  const { selection, isPod } = found;
  const { overrides = {}, fetchJson } = options;
  const checked = await checkSelection(host.files, selection, overrides);
  const timeoutMs = parseRequestTimeout(overrides.requestTimeout ?? '0');
  return buildClusterTarget(host, {
    selection,
    checked,
    defaultNamespace: isPod ? await inClusterNamespace(host, options) : 'default',
    ...(typeof timeoutMs === 'number' ? { requestTimeoutMs: timeoutMs } : {}),
    ...(fetchJson === undefined ? {} : { fetchJson }),
    persistOidcTokens: (tokens) => persistOidcTokens(host, selection, tokens),
  });
}

/** Keeps new tokens where the old ones came from. A configuration that is no file keeps nothing. */
async function persistOidcTokens(
  host: ClusterHost,
  { userName: name, userFile: file }: Selection,
  { idToken, refreshToken }: OidcTokens,
): Promise<void> {
  if ((await host.files.stat(file)) === undefined) return;
  const config = {
    'id-token': idToken,
    ...(refreshToken === undefined ? {} : { 'refresh-token': refreshToken }),
  };
  const fields = { 'auth-provider': { config } };
  const { editKubeconfig } = await import('../kubeconfig/edit-kubeconfig.ts');
  const location: KubeconfigLocation = { files: [file], source: 'explicit' };
  await editKubeconfig(host, location, () => [{ kind: 'set', section: 'users', name, fields }]);
}

/** Only a file in the home directory, and nothing said about it: the pod's own account counts. */
function prefersPod(options: FindClusterOptions, location: KubeconfigLocation): boolean {
  const { context, cluster, user } = options.overrides ?? {};
  const isNamed = Boolean(context || cluster || user);
  return options.order === 'controller' && location.source === 'home' && !isNamed;
}

function namesCluster({ clusterName, cluster }: Selection): boolean {
  return clusterName !== '' || Boolean(cluster.server);
}

/** Those that `KUBECONFIG` names and that do not exist. */
async function absentFiles(
  { files }: ClusterHost,
  location: KubeconfigLocation,
): Promise<readonly string[]> {
  if (location.source !== 'KUBECONFIG') return [];
  const facts = await Promise.all(location.files.map((file) => files.stat(file)));
  return location.files.filter((_, index) => facts[index] === undefined);
}

function nothingConfigured(config: Kubeconfig, absent: readonly string[] = []): KubeconfigError {
  const files = config.files.join(', ') || 'no file';
  const hasContexts = config.contexts.size > 0;
  const remedy = hasContexts
    ? `choose a context of ${files}, such as --context ${[...config.contexts.keys()][0]}`
    : `looked for ${files}; write one, or name one with --kubeconfig or KUBECONFIG`;
  const cause =
    absent.length === 0
      ? ''
      : ` (KUBECONFIG names ${absent.join(', ')}: no such file or directory)`;
  const message = `no configuration has been provided, try setting KUBERNETES_MASTER environment variable${cause}; ${remedy}`;
  const issues = absent.map((file) => ({ file, field: '', detail: 'no such file or directory' }));
  return new KubeconfigError('absent', issues, { message });
}
