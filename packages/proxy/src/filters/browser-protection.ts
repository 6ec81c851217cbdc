import { type HttpHeaders, type HttpRequest, headerOf } from '@fairway/protocol';

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

/**
 * True when a browser says that the user goes to a page in a window of its own: the site that leads there learns
 * nothing of it, and the page is no frame in another one.
 */
export function isNavigation({
  method,
  headers,
}: Pick<HttpRequest, 'method' | 'headers'>): boolean {
  return (
    method === 'GET' &&
    headerOf(headers, 'sec-fetch-mode') === 'navigate' &&
    headerOf(headers, 'sec-fetch-dest') === 'document'
  );
}

// Sandboxed frames and pages from files send `null`, which is never the proxy's own origin.
function isOwnOrigin(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  return url !== null && url.host !== '' && url.host === host.toLowerCase();
}
