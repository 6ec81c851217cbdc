import {
  type AnonymousAccess,
  type Authenticator,
  type CertificateAuthorities,
  type FrontProxy,
  type TokenAuthenticator,
  bearerTokenAuthenticator,
  clientCertificateAuthenticator,
  firstAuthenticator,
  firstTokenAuthenticator,
  frontProxyAuthenticator,
  withAnonymous,
} from '@fairway/access';
import type { Clock } from '@fairway/host';

/** Ways of proving who one is, beside the tokens of service accounts. All are optional. */
export interface AuthenticationOptions {
  /** Who certifies clients, where it is not the cluster's own authority alone. */
  readonly clientAuthorities?: CertificateAuthorities;
  readonly frontProxy?: FrontProxy;
  /** Asked before the tokens of service accounts. */
  readonly staticTokens?: TokenAuthenticator;
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
    clock,
  }: { readonly serviceAccounts: TokenAuthenticator; readonly clock: Clock },
): { readonly authenticator: Authenticator; readonly tokens: TokenAuthenticator } {
  const { frontProxy, staticTokens, otherTokens = [], clientAuthorities, anonymous } = options;
  const tokens = firstTokenAuthenticator([
    ...(staticTokens === undefined ? [] : [staticTokens]),
    serviceAccounts,
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
