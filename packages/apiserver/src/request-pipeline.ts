import {
  authenticate,
  type AuthenticatedRequest,
  type Authenticator,
  authorize,
  type Authorizer,
  describeTarget,
  impersonate,
} from '@fairway/access';
import type { Clock, Logger, Random } from '@fairway/host';
import { ApiError, type Handler, type HttpRequest, parseRequestTarget } from '@fairway/protocol';
import {
  compress,
  enforceDeadline,
  limitBody,
  limitInFlight,
  reportErrors,
  traceRequests,
} from '@fairway/serving';

export interface PipelineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
}

const bodyBytesMax = 3 * 1024 * 1024;
const timeoutMs = 60_000;
const requestsMax = 600;

/**
 * The filters of every request in the order in which they see it, outermost first. Each adds to
 * the request what the next needs, so that a wrong order does not compile.
 */
export function buildRequestPipeline(
  parts: PipelineParts,
  route: Handler<AuthenticatedRequest>,
): Handler {
  const { logger, authenticator, authorizer } = parts;
  return traceRequests(
    parts,
    reportErrors(
      { logger },
      limitInFlight(
        { requestsMax, isLongRunning },
        enforceDeadline(
          { clock: parts.clock, timeoutMs, isLongRunning },
          limitBody(
            { bodyBytesMax },
            compress(
              {},
              describeTarget(
                authenticate(authenticator, impersonate(authorizer, authorize(authorizer, route))),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Watches last as long as they last. What only looks like one is bounded like any request. */
function isLongRunning(request: HttpRequest): boolean {
  if (!request.query.includes('watch') && !request.path.includes('/watch/')) return false;
  try {
    const target = parseRequestTarget(request);
    return target.isResource && target.verb === 'watch';
  } catch (error) {
    // The filter that describes targets refuses it.
    if (error instanceof ApiError) return false;
    throw error;
  }
}
