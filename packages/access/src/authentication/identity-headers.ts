import type { HttpHeaders, UserInfo } from '@fairway/protocol';

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

/**
 * What a front proxy says of who asks, in the standard headers. Source: client-go, transport,
 * SetAuthProxyHeaders.
 */
export function identityHeadersOf({
  username,
  uid = '',
  groups,
  extra = {},
}: UserInfo): HttpHeaders {
  const headers: Record<string, string | readonly string[]> = {
    'x-remote-user': headerText(username),
    ...(uid === '' ? {} : { 'x-remote-uid': headerText(uid) }),
  };
  if (groups.length > 0) headers['x-remote-group'] = groups.map(headerText);
  for (const [key, values] of Object.entries(extra)) {
    if (values.length > 0) headers[`x-remote-extra-${headerKey(key)}`] = values.map(headerText);
  }
  return headers;
}

/** Its bytes, each as a character, which is how headers come and go. */
function headerText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Percent-encoded where the name of a header could not hold it. */
function headerKey(key: string): string {
  const bytes = Buffer.from(key).toString('latin1');
  return bytes.replaceAll(/[^\w!#$&'*+.^`|~-]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}
