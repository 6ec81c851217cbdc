import type { HttpRequest } from '@fairway/protocol';
import type { FetchJson, FetchJsonRequest } from '../credentials/oidc-auth-provider.ts';
import { explicitTarget } from '../explicit-target.ts';
import { readBody } from '../resource/decode-response.ts';
import { type TransportOptions, buildTransport } from './build-transport.ts';

/**
 * Exchanges JSON with a server that is not the cluster, such as an OpenID Connect issuer: with the
 * same TLS rules, proxies and bounds, over a connection of its own.
 */
export function transportFetchJson(options: TransportOptions): FetchJson {
  return async (request) => {
    const url = new URL(request.url);
    const { certificateAuthority, timeoutMs } = request;
    const target = explicitTarget(options.clock, {
      server: url.origin,
      requestTimeoutMs: timeoutMs,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    });
    await using transport = buildTransport(target, options);
    const response = await transport.send(httpRequest(request, url));
    const bytes = await readBody(response.body, request.responseBytesMax);
    return { status: response.status, body: parseJson(new TextDecoder().decode(bytes)) };
  };
}

function httpRequest({ method, headers, body }: FetchJsonRequest, url: URL): HttpRequest {
  return {
    method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: { accept: 'application/json', ...headers },
    body: body === undefined ? undefined : new TextEncoder().encode(body),
    signal: new AbortController().signal,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
