import { type Authenticator, withoutBearerProtocol } from '@fairway/access';
import { type ApiError, type HttpRequest, type HttpResponse, apiError } from '@fairway/protocol';
import { statusResponse } from '@fairway/serving';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import { notesOf } from '../observation/request-notes.ts';

/**
 * The same proxy for callers that prove who they are, and nobody else; undefined: for everyone. What they prove it
 * with goes no further, neither to the cluster nor to an application that has a host of its own.
 */
export function requireCallers(callers: Authenticator | undefined, proxy: Proxy): Proxy {
  if (callers === undefined) return proxy;
  const refusalOf = async (request: HttpRequest): Promise<HttpResponse | undefined> => {
    const outcome = await callers(request);
    const notes = notesOf(request);
    if (outcome.kind === 'authenticated') {
      if (notes !== undefined) notes.caller = outcome.user.username;
      return undefined;
    }
    if (notes !== undefined) notes.refusedBy = 'callers';
    return statusResponse(unknownCaller());
  };
  return {
    handler: async (request) => (await refusalOf(request)) ?? proxy.handler(withoutProof(request)),
    upgradeHandler: async (request) => {
      const response = await refusalOf(request);
      return response === undefined
        ? proxy.upgradeHandler(withoutProof(request))
        : { kind: 'refused', response };
    },
  };
}

function withoutProof(request: HttpRequest): HttpRequest {
  const { authorization: _, ...headers } = request.headers;
  return { ...request, headers: withoutBearerProtocol(headers) };
}

function unknownCaller(): ApiError {
  return apiError(
    'Unauthorized',
    'this proxy is for callers that it knows: send a token of its --token-file as "Authorization: Bearer TOKEN"',
    undefined,
    { headers: { 'www-authenticate': 'Bearer realm="fairway proxy"' } },
  );
}
