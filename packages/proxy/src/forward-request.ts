import type { Handler, HttpResponse } from '@fairway/protocol';
import { upstreamFailure } from './upstream-failure.ts';
import {
  type ForwardedHeaderOptions,
  requestHeaders,
  responseHeaders,
} from './forwarded-headers.ts';

export interface ForwardOptions extends ForwardedHeaderOptions {
  /** The way to the cluster; adds the credentials. */
  readonly send: Handler;
  /** Turns the target of a redirect into one that leads through the proxy. */
  readonly localLocation: (location: string) => string;
}

/**
 * Sends requests on to the cluster. Bodies pass as they come, in both directions and undecoded; a
 * caller that goes away ends the request upstream.
 *
 * Errors: `ApiError` with 502 or 504 when there is no answer.
 */
export function forwardRequest(options: ForwardOptions): Handler {
  return async (request) => {
    const { method, path, query, body, signal } = request;
    const headers = requestHeaders(request, options);
    try {
      const response = await options.send({ method, path, query, headers, body, signal });
      return { ...response, headers: localHeaders(response, options) };
    } catch (error) {
      throw upstreamFailure(error, request);
    }
  };
}

function localHeaders(
  response: HttpResponse,
  { localLocation }: ForwardOptions,
): HttpResponse['headers'] {
  const headers = responseHeaders(response);
  const { location } = headers;
  return typeof location === 'string' ? { ...headers, location: localLocation(location) } : headers;
}
