import type { HttpResponse } from '@fairway/protocol';

/** Turns the target of a redirect into one that leads through the proxy. */
export type LocalLocation = (location: string) => string;

/** For redirects to one of `servers`, of which the proxy has the API below `prefix` (`/`, `/custom/`). */
export function localLocationOf(servers: readonly string[], prefix: string): LocalLocation {
  const urls = servers.map((server) => new URL(server));
  return (location) => {
    const { origin = '' } = urls.find((url) => location.startsWith(`${url.origin}/`)) ?? {};
    const local = location.slice(origin.length);
    if (!local.startsWith('/') || local.startsWith('//')) return local;
    const paths = urls.map(({ pathname }) => pathname.replace(/\/+$/, ''));
    const serverPath = paths.find((path) => local.startsWith(`${path}/`)) ?? '';
    return `${prefix.slice(0, -1)}${local.slice(serverPath.length)}`;
  };
}

/** An answer whose redirect, if it is one, leads through the proxy. */
export function withLocation(response: HttpResponse, localLocation: LocalLocation): HttpResponse {
  const { location } = response.headers;
  if (typeof location !== 'string') return response;
  return { ...response, headers: { ...response.headers, location: localLocation(location) } };
}
