import { Secret } from '@fairway/host';
import type { ClusterTarget, TrustSource } from '../cluster-target.ts';
import { anonymousCredentials } from '../cluster-target.ts';
import { certificateAuthorityFile } from '../credentials/certificate-authority-file.ts';
import { chooseCredentials } from '../credentials/choose-credentials.ts';
import type { ExecClusterInfo } from '../credentials/exec-plugin.ts';
import type { FetchJson, OidcTokens } from '../credentials/oidc-auth-provider.ts';
import { decodeBase64Text, encodeBase64Text } from '../kubeconfig/base64-text.ts';
import type { CheckedFiles } from '../credentials/checked-files.ts';
import type { ClusterHost } from '../kubeconfig/cluster-host.ts';
import { impersonationOf } from '../kubeconfig/impersonation.ts';
import type { ClusterStanza, UserStanza } from '../kubeconfig/kubeconfig-schema.ts';
import type { Selection } from '../kubeconfig/select-context.ts';
import { normalizeServer } from '../kubeconfig/server-address.ts';

export interface TargetSource {
  readonly selection: Selection;
  readonly checked: CheckedFiles;
  /** For a context that names none. */
  readonly defaultNamespace: string;
  readonly requestTimeoutMs?: number;
  readonly fetchJson?: FetchJson;
  persistOidcTokens(tokens: OidcTokens): Promise<void>;
}

/** Extension of a cluster that lists more addresses of the same API: `{servers: [URL, …]}`. */
export const serversExtension = 'fairway.dev/servers';

/** What a checked selection says, as something to connect to. */
export async function buildClusterTarget(
  host: ClusterHost,
  source: TargetSource,
): Promise<ClusterTarget> {
  const { selection, checked, requestTimeoutMs } = source;
  const { cluster, user } = selection;
  const isTls = saysTls(cluster, user);
  const server = normalizeServer(cluster.server ?? '', { isTls });
  const servers = allServers(cluster, server);
  const impersonate = impersonation(user);
  return {
    server,
    ...(servers.length > 1 ? { servers } : {}),
    trust: trustOf(host, cluster, checked),
    namespace: selection.namespace ?? source.defaultNamespace,
    credentials: server.startsWith('https:')
      ? await chooseCredentials(host, {
          user,
          checked,
          cluster: execClusterInfo(cluster, server, checked),
          ...(source.fetchJson === undefined ? {} : { fetchJson: source.fetchJson }),
          ...(checked.issuerAuthority === undefined
            ? {}
            : { issuerAuthority: checked.issuerAuthority }),
          persistOidcTokens: (tokens) => source.persistOidcTokens(tokens),
        })
      : anonymousCredentials,
    ...(impersonate === undefined ? {} : { impersonate }),
    ...(cluster['proxy-url'] ? { proxyUrl: new Secret(cluster['proxy-url']) } : {}),
    ...(cluster['disable-compression'] ? { disableCompression: true } : {}),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    origin: selection.origin,
  };
}

/** Anything about certificates makes a bare `host:port` an https address. */
function saysTls(cluster: ClusterStanza, user: UserStanza): boolean {
  return Boolean(
    cluster['insecure-skip-tls-verify'] ||
    cluster['certificate-authority'] ||
    cluster['certificate-authority-data'] ||
    user['client-certificate'] ||
    user['client-certificate-data'],
  );
}

/** `server` and the other addresses of the same scheme, so that no secret goes out in the clear. */
function allServers(cluster: ClusterStanza, server: string): string[] {
  const extension = cluster.extensions?.find(({ name }) => name === serversExtension)?.extension;
  const listed =
    typeof extension === 'object' && extension !== null && 'servers' in extension
      ? extension.servers
      : undefined;
  if (!Array.isArray(listed)) return [server];
  const scheme = new URL(server).protocol;
  const others = listed
    .filter((each): each is string => typeof each === 'string' && URL.canParse(each))
    .filter((each) => new URL(each).protocol === scheme)
    .map((each) => normalizeServer(each, { isTls: true }));
  return [...new Set([server, ...others])];
}

function trustOf(host: ClusterHost, cluster: ClusterStanza, checked: CheckedFiles): TrustSource {
  const serverName = cluster['tls-server-name'];
  const data = cluster['certificate-authority-data'];
  const path = cluster['certificate-authority'];
  const text = data ? decodeBase64Text(data) : undefined;
  return {
    isInsecure: cluster['insecure-skip-tls-verify'] === true,
    ...(serverName ? { serverName } : {}),
    certificateAuthority:
      text === undefined && path
        ? certificateAuthorityFile(host, path, checked.certificateAuthority)
        : async () => text,
  };
}

function impersonation(user: UserStanza): ClusterTarget['impersonate'] {
  return impersonationOf({
    ...(user.as === undefined ? {} : { as: user.as }),
    ...(user['as-uid'] === undefined ? {} : { asUid: user['as-uid'] }),
    ...(user['as-groups'] === undefined ? {} : { asGroups: user['as-groups'] }),
    ...(user['as-user-extra'] === undefined ? {} : { asUserExtra: user['as-user-extra'] }),
  });
}

function execClusterInfo(
  cluster: ClusterStanza,
  server: string,
  checked: CheckedFiles,
): ExecClusterInfo {
  const { certificateAuthority } = checked;
  const authorityData =
    cluster['certificate-authority-data'] ??
    (certificateAuthority === undefined ? undefined : encodeBase64Text(certificateAuthority));
  const config = cluster.extensions?.find(
    ({ name }) => name === 'client.authentication.k8s.io/exec',
  )?.extension;
  return {
    server,
    ...(cluster['tls-server-name'] ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
    ...(authorityData ? { 'certificate-authority-data': authorityData } : {}),
    ...(cluster['proxy-url'] ? { 'proxy-url': cluster['proxy-url'] } : {}),
    ...(cluster['disable-compression'] ? { 'disable-compression': true } : {}),
    ...(config === undefined ? {} : { config }),
  };
}
