import type { Environment, Files, Logger } from '@fairway/host';
import { resolvePath } from './file-path.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import type { Kubeconfig } from './merge-kubeconfigs.ts';
import { holdsCertificate } from './pem.ts';

/** Where the kubelet puts what a pod needs to talk to the API. */
export const defaultServiceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Says where these files are instead, for programs that `fairway run` starts on a machine on which
 * they cannot be put there.
 */
export const serviceAccountVariable = 'FAIRWAY_SERVICE_ACCOUNT_DIRECTORY';

export interface InClusterOptions {
  /** Default: what `FAIRWAY_SERVICE_ACCOUNT_DIRECTORY` says, else `defaultServiceAccountDirectory`. */
  readonly serviceAccountDirectory?: string;
}

export interface PodHost {
  readonly files: Files;
  readonly environment: Environment;
}

/** True when this program runs in a pod that may talk to the API. */
export async function isInCluster(host: PodHost, options: InClusterOptions = {}): Promise<boolean> {
  const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = host.environment.variables;
  if (!KUBERNETES_SERVICE_HOST || !KUBERNETES_SERVICE_PORT) return false;
  const facts = await host.files.stat(accountFile(host, options, 'token'));
  return facts !== undefined && !facts.isDirectory;
}

/**
 * The cluster that this program runs in and the service account of its pod, as a configuration.
 *
 * A missing or damaged CA file is reported to the logger, and the system's authorities count.
 * Errors: throws `KubeconfigError` when this is no pod.
 * Source: Kubernetes documentation, "Accessing the Kubernetes API from a Pod".
 */
export async function inClusterConfig(
  host: PodHost & { readonly logger: Logger },
  options: InClusterOptions = {},
): Promise<Kubeconfig> {
  const server = serviceAddress(host.environment);
  const path = accountFile(host, options, 'ca.crt');
  const hasAuthority = holdsCertificate((await readOptional(host.files, path)) ?? '');
  if (!hasAuthority) {
    host.logger.warn('no usable service account CA, trusting the system CAs', { path });
  }
  const tokenFile = accountFile(host, options, 'token');
  const name = 'in-cluster';
  const namespace = await inClusterNamespace(host, options);
  const entry = <T>(value: T): ReadonlyMap<string, { name: string; value: T; file: string }> =>
    new Map([[name, { name, value, file: tokenFile }]]);
  return {
    files: [],
    currentContext: name,
    currentContextFile: tokenFile,
    clusters: entry({ server, ...(hasAuthority ? { 'certificate-authority': path } : {}) }),
    users: entry({ tokenFile }),
    contexts: entry({ cluster: name, user: name, namespace }),
    extensions: new Map(),
    preferences: {},
  };
}

/** The pod's namespace: `POD_NAMESPACE`, else the service account's, else `default`. */
export async function inClusterNamespace(
  host: PodHost,
  options: InClusterOptions = {},
): Promise<string> {
  const fromVariable = host.environment.variables['POD_NAMESPACE'];
  if (fromVariable) return fromVariable;
  const text = await readOptional(host.files, accountFile(host, options, 'namespace'));
  return text?.trim() || 'default';
}

function serviceAddress({ variables }: Environment): string {
  const { KUBERNETES_SERVICE_HOST: name, KUBERNETES_SERVICE_PORT: port } = variables;
  if (!name || !port) {
    const message =
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined; they are in every pod';
    throw new KubeconfigError('absent', [], { message });
  }
  return `https://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** undefined when the file cannot be read: both the CA and the namespace are optional. */
async function readOptional(files: Files, path: string): Promise<string | undefined> {
  try {
    const bytes = await files.read(path);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}

function accountFile({ environment }: PodHost, options: InClusterOptions, file: string): string {
  const fromVariable = environment.variables[serviceAccountVariable] || undefined;
  const directory =
    options.serviceAccountDirectory ?? fromVariable ?? defaultServiceAccountDirectory;
  return resolvePath(environment.workingDirectory, `${directory}/${file}`, environment.platform);
}
