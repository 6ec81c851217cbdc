/**
 * An API server's address without trailing slash, query and fragment.
 *
 * A bare `host:port` is https where anything about TLS is configured, http where nothing is.
 */
export function normalizeServer(server: string, options: { isTls: boolean }): string {
  const scheme = options.isTls ? 'https' : 'http';
  const url = new URL(server.includes('://') ? server : `${scheme}://${server}`);
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.protocol}//${url.host}${path}`;
}
