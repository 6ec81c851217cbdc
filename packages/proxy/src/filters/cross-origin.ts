import { type HttpHeaders, type HttpRequest, type HttpResponse, headerOf } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';

/**
 * The same proxy, which lets pages of these origins read its answers, errors included: what a browser asks before it
 * sends for them is answered here. Pages of others get none of these headers. No cookies are shared: `credentials`
 * stay forbidden.
 *
 * Source: Fetch, HTTP extensions (CORS); Private Network Access.
 */
export function answerOrigins(origins: readonly RegExp[], proxy: Proxy): Proxy {
  if (origins.length === 0) return proxy;
  const isAccepted = (origin: string): boolean => origins.some((each) => each.test(origin));
  return {
    ...proxy,
    handler: async (request) => {
      const origin = headerOf(request.headers, 'origin');
      if (origin === undefined || !isAccepted(origin)) return proxy.handler(request);
      if (isPreflight(request)) return preflightAnswer(origin, request.headers);
      const response = await proxy.handler(request);
      return { ...response, headers: readableHeaders(origin, response.headers) };
    },
  };
}

function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function preflightAnswer(origin: string, headers: HttpHeaders): HttpResponse {
  const names = headerOf(headers, 'access-control-request-headers') ?? '';
  const isPrivate = headerOf(headers, 'access-control-request-private-network') === 'true';
  return {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      ...(names === '' ? {} : { 'access-control-allow-headers': names }),
      ...(isPrivate ? { 'access-control-allow-private-network': 'true' } : {}),
      'access-control-max-age': '600',
      vary: 'Origin',
    },
    body: undefined,
  };
}

/** With what the proxy says of origins, in place of what anybody behind it says. */
function readableHeaders(origin: string, headers: HttpHeaders): HttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'));
  const vary = [headers['vary'] ?? []].flat().join(', ');
  return {
    ...Object.fromEntries(kept),
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'Audit-Id, Location, Retry-After, Warning',
    vary: vary === '' ? 'Origin' : `${vary}, Origin`,
  };
}
