import type { Clock } from '@fairway/host';
import { type HttpHeaders, type UserInfo, headerOf } from '@fairway/protocol';
import { type Authenticator, rejected, unrecognised } from './authenticator.ts';
import type { CertificateAuthorities } from './certificate-authorities.ts';
import { clientCertificateAuthenticator } from './client-certificate-authenticator.ts';
import type { IdentityHeaders } from './identity-headers.ts';

/** Whom a server believes what they say in headers about who asks. */
export interface FrontProxy {
  /** Who certifies front proxies. */
  readonly authorities: CertificateAuthorities;
  /** The common names that a front proxy may have; empty: any. */
  readonly allowedNames: readonly string[];
  readonly identityHeaders: IdentityHeaders;
}

/**
 * Authenticates by what a front proxy says in headers about who asks. They count only on a connection with
 * a certificate of the proxy's own authorities and an allowed name; from anybody else they are passed over.
 *
 * Source: Kubernetes authentication, authenticating proxy; apiserver, authentication/request/headerrequest.
 */
export function frontProxyAuthenticator(
  { authorities, allowedNames, identityHeaders }: FrontProxy,
  clock: Clock,
): Authenticator {
  const identifyProxy = clientCertificateAuthenticator(clock, authorities);
  return async (request) => {
    const proxy = await identifyProxy(request);
    // The certificate may be that of an ordinary client, which another authenticator judges.
    if (proxy.kind !== 'authenticated') return unrecognised;
    if (allowedNames.length > 0 && !allowedNames.includes(proxy.user.username)) {
      return rejected('the certificate of the front proxy has a name that is not allowed');
    }
    const user = userIn(request.headers, identityHeaders);
    return user === undefined ? unrecognised : { kind: 'authenticated', user };
  };
}

function userIn(headers: HttpHeaders, names: IdentityHeaders): UserInfo | undefined {
  const username = firstOf(headers, names.username);
  if (username === undefined) return undefined;
  const uid = firstOf(headers, names.uid);
  const extra = extraIn(headers, names.extraPrefixes);
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups: names.group.flatMap((name) => valuesOf(headers, name)),
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

function firstOf(headers: HttpHeaders, names: readonly string[]): string | undefined {
  return names
    .map((name) => headerOf(headers, name))
    .find((value) => value !== undefined && value !== '');
}

function extraIn(
  headers: HttpHeaders,
  prefixes: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const prefix of prefixes) {
    for (const name of Object.keys(headers)) {
      if (!name.startsWith(prefix)) continue;
      const key = decodeKey(name.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...valuesOf(headers, name)]);
    }
  }
  return extra;
}

/** Keys travel percent-encoded, because a header name cannot hold a slash. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) return encoded;
    throw error;
  }
}

function valuesOf(headers: HttpHeaders, name: string): readonly string[] {
  const value = headers[name] ?? [];
  return (typeof value === 'string' ? [value] : value).filter((each) => each !== '');
}
