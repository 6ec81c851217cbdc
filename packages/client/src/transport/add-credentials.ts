import type { Handler, HttpBody, HttpRequest } from '@fairway/protocol';
import type { Credential, Credentials } from '../cluster-target.ts';
import { isResendable } from './attempt.ts';

/**
 * Says who we are. After a 401 the credential is replaced and the request sent once more, when its
 * body can be. An authorization header that the caller set is left as it is.
 */
export function addCredentials(credentials: Credentials, next: Handler): Handler {
  return async (request) => {
    if (request.headers['authorization'] !== undefined) return next(request);
    const credential = await credentials.current();
    const response = await next(authorized(request, credential));
    if (response.status !== 401) return response;
    credentials.invalidate(credential);
    if (!isResendable(request)) return response;
    const renewed = await credentials.current();
    if (renewed === credential) return response;
    await discardBody(response.body);
    return next(authorized(request, renewed));
  };
}

function authorized(request: HttpRequest, { authorization }: Credential): HttpRequest {
  if (authorization === undefined) return request;
  const headers = { ...request.headers, authorization: authorization.reveal() };
  return { ...request, headers };
}

/** A discarded body is read up to this size, so that its connection can be reused. */
const discardedBytesMax = 64 * 1024;

/** Discards an answer without reading it. */
export async function discardBody(body: HttpBody): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) return;
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > discardedBytesMax) return;
  }
}
