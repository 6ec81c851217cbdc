import { type HttpHeaders, headerOf } from '@fairway/protocol';

/**
 * True when a browser says that a page of another site sends this request.
 *
 * The proxy proves to the cluster who its user is, so any page that reaches it could act as them:
 * a form can post without asking, and a WebSocket is not bound by CORS. Programs that are no
 * browser send neither header. Source: Fetch Metadata (W3C), RFC 6454.
 */
export function foreignSite(headers: HttpHeaders, accepted: readonly RegExp[]): boolean {
  const origin = headerOf(headers, 'origin');
  if (origin !== undefined && accepted.some((expression) => expression.test(origin))) return false;
  const site = headerOf(headers, 'sec-fetch-site')?.toLowerCase();
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && !isOwnOrigin(origin, headerOf(headers, 'host') ?? '');
}

// Sandboxed frames and pages from files send `null`, which is never the proxy's own origin.
function isOwnOrigin(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  return url !== null && url.host !== '' && url.host === host.toLowerCase();
}
