import { type AuthorizedRequest, identityHeadersOf } from '@fairway/access';
import { type HttpRequest, type HttpResponse, forwardedHeaders, headerOf } from '@fairway/protocol';
import { withoutCrossOrigin } from '../proxying/backend-messages.ts';

/**
 * The request of a caller as a server behind a service gets it: with who asks in headers, which it believes
 * the front proxy, and without any credential. Source: Kubernetes, API aggregation layer.
 */
export function extensionRequest(request: AuthorizedRequest): HttpRequest {
  const { method, path, query, body, signal, user } = request;
  return {
    method,
    path,
    query,
    headers: {
      ...forwardedHeaders(request, 'https'),
      'x-forwarded-uri': path,
      ...identityHeadersOf(user),
    },
    body,
    signal,
  };
}

const redirected = 'the backend attempted to redirect this request, which is not permitted';

/** Its answer as the caller gets it. */
export function extensionResponse(response: HttpResponse): HttpResponse {
  const { status, headers } = response;
  const isRedirect = status >= 300 && status <= 399 && headerOf(headers, 'location') !== undefined;
  if (!isRedirect) return { ...response, headers: withoutCrossOrigin(headers) };
  return { status: 502, headers: {}, body: Buffer.from(redirected) };
}
