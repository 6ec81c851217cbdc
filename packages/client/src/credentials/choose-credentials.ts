import { Secret } from '@fairway/host';
import {
  anonymousCredentials,
  bearerCredential,
  type Credential,
  type Credentials,
  unchangingCredentials,
} from '../cluster-target.ts';
import { decodeBase64Text, encodeBase64Text } from '../kubeconfig/base64-text.ts';
import type { CheckedFiles } from './checked-files.ts';
import type { UserStanza } from '../kubeconfig/kubeconfig-schema.ts';
import { clientCertificateCredentials, type PemSource } from './client-certificate-files.ts';
import type { ExecClusterInfo } from './exec-plugin.ts';
import type { FetchJson, OidcTokens } from './oidc-auth-provider.ts';
import { tokenFileCredentials } from './token-file.ts';
import type { ClusterHost } from '../kubeconfig/cluster-host.ts';

export interface CredentialContext {
  readonly user: UserStanza;
  /** What the files named in `user` held when they were checked. */
  readonly checked: CheckedFiles;
  readonly cluster: ExecClusterInfo;
  readonly fetchJson?: FetchJson;
  /** Authorities of the OpenID Connect issuer, as PEM. */
  readonly issuerAuthority?: string;
  persistOidcTokens(tokens: OidcTokens): Promise<void>;
}

/**
 * How a kubeconfig user proves who it is.
 *
 * A client certificate goes with any token or password. A token file wins over a token once it has
 * been read; either, or a password, or a client certificate, makes an exec plugin unnecessary.
 */
export async function chooseCredentials(
  host: ClusterHost,
  context: CredentialContext,
): Promise<Credentials> {
  const header = await chooseHeader(host, context);
  const pair = clientPair(context);
  if (pair === undefined) return header;
  const { certificate, key } = pair;
  if (header === anonymousCredentials && certificate.path === undefined && key.path === undefined) {
    const clientCertificate = { certificate: certificate.text, key: new Secret(key.text) };
    return unchangingCredentials({ clientCertificate });
  }
  return clientCertificateCredentials(host, pair, header);
}

async function chooseHeader(host: ClusterHost, context: CredentialContext): Promise<Credentials> {
  const { user } = context;
  const token = user.token?.reveal().trim() ?? '';
  if (user.tokenFile) {
    const fromFile = tokenFileCredentials(host, user.tokenFile);
    return token === '' ? fromFile : preferring(fromFile, bearerCredential(token));
  }
  if (token !== '') return unchangingCredentials(bearerCredential(token));
  if (user.username || user.password?.reveal()) return unchangingCredentials(basicCredential(user));
  if (user['auth-provider'] !== undefined) {
    const { issuerAuthority } = context;
    const { oidcCredentials } = await import('./oidc-auth-provider.ts');
    return oidcCredentials(
      { clock: host.clock, fetchJson: context.fetchJson },
      {
        config: user['auth-provider'].config ?? {},
        ...(issuerAuthority === undefined ? {} : { certificateAuthority: issuerAuthority }),
        persist: (tokens) => context.persistOidcTokens(tokens),
      },
    );
  }
  if (user.exec !== undefined && clientPair(context) === undefined) {
    const { execPluginCredentials } = await import('./exec-plugin.ts');
    return execPluginCredentials(host, user.exec, context.cluster);
  }
  return anonymousCredentials;
}

/** Source: RFC 7617. */
function basicCredential({ username = '', password }: UserStanza): Credential {
  const encoded = encodeBase64Text(`${username}:${password?.reveal() ?? ''}`);
  return { authorization: new Secret(`Basic ${encoded}`) };
}

/** `first` as soon as it answers; until then `fallback`. */
function preferring(first: Credentials, fallback: Credential): Credentials {
  return {
    async current() {
      try {
        return await first.current();
      } catch {
        return fallback;
      }
    },
    invalidate: (credential) => first.invalidate(credential),
  };
}

function clientPair({
  user,
  checked,
}: CredentialContext): { certificate: PemSource; key: PemSource } | undefined {
  const certificate = pemSource({
    data: user['client-certificate-data'],
    path: user['client-certificate'],
    text: checked.clientCertificate,
  });
  const key = pemSource({
    data: user['client-key-data']?.reveal(),
    path: user['client-key'],
    text: checked.clientKey?.reveal(),
  });
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

function pemSource(source: {
  data: string | undefined;
  path: string | undefined;
  text: string | undefined;
}): PemSource | undefined {
  if (source.data) return { text: decodeBase64Text(source.data) };
  if (source.path && source.text !== undefined) return { path: source.path, text: source.text };
  return undefined;
}
