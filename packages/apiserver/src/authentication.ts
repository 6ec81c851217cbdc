import {
  type AnonymousAccess,
  type Authenticator,
  type CertificateAuthorities,
  type FrontProxy,
  type TokenAuthenticator,
  bearerTokenAuthenticator,
  bootstrapTokenAuthenticator,
  clientCertificateAuthenticator,
  firstAuthenticator,
  firstTokenAuthenticator,
  frontProxyAuthenticator,
  withAnonymous,
} from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { Secret as StoredSecret } from '@fairway/kinds/core/v1';
import type { ClusterReader } from './reads/cluster-reader.ts';

/** Ways of proving who one is, beside the tokens of service accounts. All are optional. */
export interface AuthenticationOptions {
  /** Who certifies clients, where it is not the cluster's own authority alone. */
  readonly clientAuthorities?: CertificateAuthorities;
  readonly frontProxy?: FrontProxy;
  /** Asked before the tokens of service accounts. */
  readonly staticTokens?: TokenAuthenticator;
  /** Whether those of secrets in `kube-system` count, for nodes that join. */
  readonly hasBootstrapTokens?: boolean;
  /** Asked after them, in this order. */
  readonly otherTokens?: readonly TokenAuthenticator[];
  /** Absent: everywhere. */
  readonly anonymous?: () => AnonymousAccess;
}

/**
 * Puts authenticators together in the order of a kube-apiserver: whom a front proxy names, certificates, then
 * tokens; who shows nothing is anonymous. Source: kubeapiserver, authenticator/config.go.
 */
export function assembleAuthentication(
  options: AuthenticationOptions,
  {
    serviceAccounts,
    cluster,
    clock,
  }: {
    readonly serviceAccounts: TokenAuthenticator;
    readonly cluster: ClusterReader;
    readonly clock: Clock;
  },
): { readonly authenticator: Authenticator; readonly tokens: TokenAuthenticator } {
  const {
    frontProxy,
    staticTokens,
    hasBootstrapTokens,
    otherTokens = [],
    clientAuthorities,
    anonymous,
  } = options;
  const tokens = firstTokenAuthenticator([
    ...(staticTokens === undefined ? [] : [staticTokens]),
    serviceAccounts,
    ...(hasBootstrapTokens === true ? [bootstrapTokens(cluster, clock)] : []),
    ...otherTokens,
  ]);
  const proofs = firstAuthenticator([
    ...(frontProxy === undefined ? [] : [frontProxyAuthenticator(frontProxy, clock)]),
    // Only where the handshake asks for certificates of others too: it knows intermediates.
    clientCertificateAuthenticator(clock, frontProxy === undefined ? undefined : clientAuthorities),
    bearerTokenAuthenticator(tokens),
  ]);
  return { authenticator: withAnonymous(proofs, anonymous), tokens };
}

function bootstrapTokens(cluster: ClusterReader, clock: Clock): TokenAuthenticator {
  const findSecret = (name: string): Promise<StoredSecret | undefined> =>
    cluster.find<StoredSecret>('', 'secrets', { namespace: 'kube-system', name });
  return bootstrapTokenAuthenticator({ clock, findSecret });
}
