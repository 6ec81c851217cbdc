import { ConnectionError } from '@fairway/client';
import { ApiError, type HttpRequest, apiError, isSafe, type statusCodes } from '@fairway/protocol';

/** When to try again what can be tried again. */
const retryAfterSeconds = 1;

/**
 * What a caller is told when the cluster did not answer: 504 when it was silent, 503 when it could not be
 * reached, 502 when there is something in the way or the answer was cut or cannot be relied on.
 *
 * Clients of Kubernetes repeat whatever comes back with Retry-After, so only what has not been sent, or only
 * reads, has one. The text of the client says what happened and what to do, and never holds a secret.
 */
export function upstreamFailure(
  error: unknown,
  request: Pick<HttpRequest, 'method' | 'signal'>,
): unknown {
  if (error instanceof ApiError || request.signal.aborted) return error;
  if (!(error instanceof Error) || !isUpstream(error)) return error;
  const message = `the proxy has no answer from the cluster: ${error.message}`;
  const reason = error instanceof ConnectionError ? reasonOf(error) : 'BadGateway';
  const mayRepeat =
    error instanceof ConnectionError &&
    reason !== 'BadGateway' &&
    (error.isUnsent || isSafe(request));
  return apiError(reason, message, mayRepeat ? { retryAfterSeconds } : undefined, { cause: error });
}

function reasonOf({ problem, isUnsent }: ConnectionError): keyof typeof statusCodes {
  if (problem === 'timeout') return 'Timeout';
  const isAway = isUnsent && ['dns', 'refused', 'reset', 'unreachable'].includes(problem);
  return isAway ? 'ServiceUnavailable' : 'BadGateway';
}

// Failures to connect and to get credentials: the client's messages for both are written for
// people.
function isUpstream(error: Error): boolean {
  return ['ConnectionError', 'KubeconfigError', 'ExecPluginError', 'OidcError'].includes(
    error.name,
  );
}
