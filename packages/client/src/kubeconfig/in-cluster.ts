import type { Files } from '@fairway/host';
import {
  bearerCredential,
  type ClusterTarget,
  type Credentials,
  unchangingCredentials,
  unchangingTrust,
  type TrustSource,
} from '../cluster-target.ts';
import { certificateAuthorityFile } from '../credentials/certificate-authority-file.ts';
import { readToken, tokenFileCredentials } from '../credentials/token-file.ts';
import type { ClusterHost } from './cluster-host.ts';
import { resolvePath } from './file-path.ts';
import { impersonationOf } from './impersonation.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import { parseRequestTimeout } from './parse-request-timeout.ts';
import { holdsCertificate } from './pem.ts';
import { type ClusterOverrides, stripNamespacePrefix } from './select-context.ts';
import { normalizeServer } from './server-address.ts';

/** Where the kubelet puts what a pod needs to talk to the API. */
export const defaultServiceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  /** Default: `defaultServiceAccountDirectory`. */
  readonly serviceAccountDirectory?: string;
  readonly overrides?: ClusterOverrides;
}

/** True when this program runs in a pod that may talk to the API. */
export async function isInCluster(
  { files, environment }: Pick<ClusterHost, 'files' | 'environment'>,
  options: InClusterOptions = {},
): Promise<boolean> {
  const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = environment.variables;
  if (!KUBERNETES_SERVICE_HOST || !KUBERNETES_SERVICE_PORT) return false;
  const facts = await files.stat(inDirectory(options, 'token'));
  return facts !== undefined && !facts.isDirectory;
}

/**
 * The cluster that this program runs in, as the service account of its pod.
 *
 * Errors: throws `KubeconfigError` when this is no pod, or its token cannot be read.
 * Source: Kubernetes documentation, "Accessing the API from a Pod".
 */
export async function inClusterTarget(
  host: ClusterHost,
  options: InClusterOptions = {},
): Promise<ClusterTarget> {
  const { overrides = {} } = options;
  const server = overrides.server ? undefined : serviceAddress(host);
  const credentials = await serviceAccountCredentials(host, options);
  const requestTimeoutMs = parseRequestTimeout(overrides.requestTimeout ?? '0');
  if (requestTimeoutMs === 'malformed') {
    const detail = `${JSON.stringify(overrides.requestTimeout)} is no duration such as 30s or 2m`;
    throw new KubeconfigError('invalid', [
      { file: 'command line', field: '--request-timeout', detail },
    ]);
  }
  const { proxyUrl, disableCompression } = overrides;
  const impersonate = impersonationOf(overrides);
  return {
    server: server ?? normalizeServer(overrides.server ?? '', { isTls: true }),
    trust: await serviceAccountTrust(host, options),
    namespace: overrides.namespace
      ? stripNamespacePrefix(overrides.namespace)
      : await inClusterNamespace(host, options),
    credentials,
    ...(impersonate === undefined ? {} : { impersonate }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(disableCompression === undefined ? {} : { disableCompression }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    origin: `the service account in ${directoryOfAccount(options)}`,
  };
}

/** The pod's namespace: `POD_NAMESPACE`, else the service account's, else `default`. */
export async function inClusterNamespace(
  { files, environment }: Pick<ClusterHost, 'files' | 'environment'>,
  options: InClusterOptions = {},
): Promise<string> {
  const fromVariable = environment.variables['POD_NAMESPACE'];
  if (fromVariable) return fromVariable;
  const fromFile = (await readOptional(files, inDirectory(options, 'namespace')))?.trim();
  return fromFile || 'default';
}

function serviceAddress({ environment }: ClusterHost): string {
  const { KUBERNETES_SERVICE_HOST: name, KUBERNETES_SERVICE_PORT: port } = environment.variables;
  if (!name || !port) {
    const message =
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined';
    throw new KubeconfigError('absent', [], { message });
  }
  const address = `https://${name.includes(':') ? `[${name}]` : name}:${port}`;
  if (URL.canParse(address) && /^\d+$/.test(port)) return address;
  const detail = `KUBERNETES_SERVICE_HOST ${JSON.stringify(name)} and KUBERNETES_SERVICE_PORT ${JSON.stringify(port)} make no address`;
  throw new KubeconfigError('invalid', [{ file: 'environment', field: '', detail }]);
}

async function serviceAccountCredentials(
  host: ClusterHost,
  options: InClusterOptions,
): Promise<Credentials> {
  const { token } = options.overrides ?? {};
  if (token !== undefined) return unchangingCredentials(bearerCredential(token));
  const path = inDirectory(options, 'token');
  try {
    await readToken(host.files, path);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const issues = [{ file: path, field: '', detail }];
    throw new KubeconfigError('unreadable', issues, { cause: error });
  }
  return tokenFileCredentials(host, path);
}

async function serviceAccountTrust(
  host: ClusterHost,
  options: InClusterOptions,
): Promise<TrustSource> {
  const { insecureSkipTlsVerify, tlsServerName, certificateAuthority } = options.overrides ?? {};
  const serverName = tlsServerName ? { serverName: tlsServerName } : {};
  if (insecureSkipTlsVerify) return unchangingTrust({ isInsecure: true, ...serverName });
  const { workingDirectory, platform } = host.environment;
  const path = certificateAuthority
    ? resolvePath(workingDirectory, certificateAuthority, platform)
    : inDirectory(options, 'ca.crt');
  const text = await readOptional(host.files, path);
  const isUsable = text !== undefined && holdsCertificate(text);
  if (!isUsable && certificateAuthority) {
    const detail = `${path} cannot be read or holds no PEM certificate`;
    throw new KubeconfigError('invalid', [
      { file: 'command line', field: '--certificate-authority', detail },
    ]);
  }
  if (!isUsable)
    host.logger.warn('no usable service account CA, trusting the system CAs', { path });
  return {
    isInsecure: false,
    ...serverName,
    certificateAuthority: certificateAuthorityFile(host, path, isUsable ? text : undefined),
  };
}

async function readOptional(files: Files, path: string): Promise<string | undefined> {
  try {
    const bytes = await files.read(path);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}

function directoryOfAccount(options: InClusterOptions): string {
  return options.serviceAccountDirectory ?? defaultServiceAccountDirectory;
}

function inDirectory(options: InClusterOptions, file: string): string {
  return `${directoryOfAccount(options)}/${file}`;
}
