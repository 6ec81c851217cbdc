import type { Handler, HttpHeaders } from '@fairway/protocol';
import type { Impersonation } from '../cluster-target.ts';

/**
 * Acts as somebody else in every request, except where the caller impersonates already.
 * Source: API concepts, "User impersonation".
 */
export function impersonate(impersonation: Impersonation, next: Handler): Handler {
  const added = impersonationHeaders(impersonation);
  return (request) => {
    if (request.headers['impersonate-user'] !== undefined) return next(request);
    return next({ ...request, headers: { ...request.headers, ...added } });
  };
}

/** One line per group and per value. */
export function impersonationHeaders(impersonation: Impersonation): HttpHeaders {
  const { user, uid, groups = [], extra = {} } = impersonation;
  const headers: Record<string, string | readonly string[]> = { 'impersonate-user': user };
  if (uid !== undefined) headers['impersonate-uid'] = uid;
  if (groups.length > 0) headers['impersonate-group'] = groups;
  for (const [key, values] of Object.entries(extra)) {
    headers[`impersonate-extra-${escapeKey(key)}`.toLowerCase()] = values;
  }
  return headers;
}

// Every byte that is no token character, and the percent sign itself. Source: RFC 9110 §5.6.2.
function escapeKey(key: string): string {
  let escaped = '';
  for (const byte of new TextEncoder().encode(key)) {
    const character = String.fromCharCode(byte);
    const isPlain = /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(character);
    escaped += isPlain ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return escaped;
}
