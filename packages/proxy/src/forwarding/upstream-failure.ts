import { ConnectionError } from '@fairway/client';
import { ApiError, type HttpRequest, apiError } from '@fairway/protocol';

/**
 * What a caller is told when the cluster did not answer: 504 when it was silent, 502 otherwise.
 *
 * The text of the client says what happened and what to do, and never holds a secret.
 */
export function upstreamFailure(error: unknown, request: Pick<HttpRequest, 'signal'>): unknown {
  if (error instanceof ApiError || request.signal.aborted) return error;
  if (!(error instanceof Error) || !isUpstream(error)) return error;
  const isTimeout = error instanceof ConnectionError && error.problem === 'timeout';
  const message = `the proxy has no answer from the cluster: ${error.message}`;
  return apiError(isTimeout ? 'Timeout' : 'BadGateway', message, undefined, { cause: error });
}

// Failures to connect and to get credentials: the client's messages for both are written for
// people.
function isUpstream(error: Error): boolean {
  return ['ConnectionError', 'KubeconfigError', 'ExecPluginError', 'OidcError'].includes(
    error.name,
  );
}
