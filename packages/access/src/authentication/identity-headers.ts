import type { HttpHeaders } from '@fairway/protocol';

/**
 * The headers in which a front proxy says who asks: names in lower case, the first that a request has
 * counts. Source: Kubernetes authentication, authenticating proxy.
 */
export interface IdentityHeaders {
  readonly username: readonly string[];
  readonly uid: readonly string[];
  readonly group: readonly string[];
  /** What follows such a prefix is the key of an extra. */
  readonly extraPrefixes: readonly string[];
}

/** What API servers send to each other. Nobody else's are ever handed on. */
export const standardIdentityHeaders: IdentityHeaders = {
  username: ['x-remote-user'],
  uid: ['x-remote-uid'],
  group: ['x-remote-group'],
  extraPrefixes: ['x-remote-extra-'],
};

/** The headers without those, and without the standard ones. */
export function withoutIdentityHeaders(
  headers: HttpHeaders,
  identity: IdentityHeaders,
): HttpHeaders {
  const isIdentity = (name: string): boolean =>
    [identity, standardIdentityHeaders].some(
      ({ username, uid, group, extraPrefixes }) =>
        username.includes(name) ||
        uid.includes(name) ||
        group.includes(name) ||
        extraPrefixes.some((prefix) => name.startsWith(prefix)),
    );
  const names = Object.keys(headers);
  if (!names.some(isIdentity)) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isIdentity(name)));
}
