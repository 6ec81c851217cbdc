import {
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  forwardedHeaders,
  headerOf,
  hostPort,
} from '@fairway/protocol';
import type { BackendEndpoint } from '../calls/dial.ts';
import { type ProxiedPlace, localLink } from './local-link.ts';
import { withLocalLinks } from './rewrite-links.ts';

/** The request of a caller as a backend gets it: all of it but what was for the API server. */
export function backendRequest(request: HttpRequest, rest: string): HttpRequest {
  const { method, path, query, body, signal, headers } = request;
  const { host } = headers;
  return {
    method,
    path: rest === '' ? '/' : rest,
    query,
    headers: {
      ...forwardedHeaders(request, 'https'),
      ...(host === undefined ? {} : { host }),
      'x-forwarded-uri': path,
    },
    body,
    signal,
  };
}

/** Headers that would let a backend say who may read the API from a page of another site. */
const crossOriginHeaders = [
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
] as const;

/**
 * The answer of a backend as its caller gets it: redirects, or else the links of a page, lead back through
 * the proxy. Source: apimachinery, util/proxy.
 */
export function backendResponse(
  response: HttpResponse,
  asked: {
    readonly request: HttpRequest;
    readonly rest: string;
    readonly endpoint: BackendEndpoint;
  },
): HttpResponse {
  const headers = withoutCrossOrigin(response.headers);
  const location = headerOf(headers, 'location');
  if (location !== undefined) {
    return { ...response, headers: { ...headers, location: localLink(location, placeOf(asked)) } };
  }
  const [type = ''] = (headerOf(headers, 'content-type') ?? '').split(';');
  if (type.trim().toLowerCase() !== 'text/html') return { ...response, headers };
  return withLocalLinks({ ...response, headers }, placeOf(asked));
}

export function withoutCrossOrigin(all: HttpHeaders): HttpHeaders {
  const headers = { ...all };
  for (const name of crossOriginHeaders) delete headers[name];
  return headers;
}

function placeOf({ request, rest, endpoint }: Parameters<typeof backendResponse>[1]): ProxiedPlace {
  const { path, headers } = request;
  const hosts = [
    hostPort(endpoint.host, endpoint.port),
    endpoint.host,
    headerOf(headers, 'host') ?? '',
    headerOf(headers, 'x-forwarded-host') ?? '',
  ];
  return {
    prefix: path.slice(0, path.length - rest.length),
    hosts: new Set(hosts.map((host) => host.toLowerCase()).filter((host) => host !== '')),
  };
}
