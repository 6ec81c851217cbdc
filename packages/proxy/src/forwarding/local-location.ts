import type { HttpResponse } from '@fairway/protocol';

/** Turns the target of a redirect into one that leads through the proxy. */
export type LocalLocation = (location: string) => string;

/** For redirects to `server`, of which the proxy has the API below `prefix` (`/`, `/custom/`). */
export function localLocationOf(server: string, prefix: string): LocalLocation {
  const { origin, pathname } = new URL(server);
  const serverPath = pathname.replace(/\/+$/, '');
  return (location) => {
    const local = location.startsWith(`${origin}/`) ? location.slice(origin.length) : location;
    if (!local.startsWith('/') || local.startsWith('//')) return local;
    const path = local.startsWith(`${serverPath}/`) ? local.slice(serverPath.length) : local;
    return `${prefix.slice(0, -1)}${path}`;
  };
}

/** An answer whose redirect, if it is one, leads through the proxy. */
export function withLocation(response: HttpResponse, localLocation: LocalLocation): HttpResponse {
  const { location } = response.headers;
  if (typeof location !== 'string') return response;
  return { ...response, headers: { ...response.headers, location: localLocation(location) } };
}
