import { type HttpRequest, headerOf } from '@fairway/protocol';

/** Tells whether the caller has the document with this tag already. Source: RFC 9110 §13.1.2. */
export function isUnchanged(request: HttpRequest, etag: string): boolean {
  const known = headerOf(request.headers, 'if-none-match') ?? '';
  return known.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}
