import {
  authenticate,
  type AuthenticatedRequest,
  type Authenticator,
  authorize,
  type AuthorizedRequest,
  type Authorizer,
  describeTarget,
  type IdentityHeaders,
  impersonate,
  type TargetedRequest,
} from '@fairway/access';
import type { Clock, Logger, Random } from '@fairway/host';
import type { Handler, RequestTarget, ResourceTarget } from '@fairway/protocol';
import {
  compress,
  enforceDeadline,
  isHealthPath,
  limitBody,
  limitInFlight,
  reportErrors,
  traceRequests,
  waitForTurn,
} from '@fairway/serving';
import type { AggregatedApis } from './registry/aggregated-api.ts';
import { isProxied } from './proxying/proxy-request.ts';
import { answerStoreFailures } from './calls/answer-store-failures.ts';
import { auditReceived, auditRequests, bodiesOf } from './audit/audit-requests.ts';
import type { Auditor } from './audit/auditor.ts';
import {
  type TerminationCounters,
  countBodies,
  countTerminations,
  measureRequests,
} from './metrics/measure-requests.ts';
import type { RequestMetrics } from './metrics/request-metrics.ts';
import { type PlainBounds, limitRequests } from './fairness/limit-requests.ts';
import { queueFairly } from './fairness/queue-fairly.ts';
import { RequestFairness } from './fairness/request-fairness.ts';

export interface PipelineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly authenticator: Authenticator;
  /** In which a front proxy says who asks; absent: the standard ones, which are taken out. */
  readonly identityHeaders?: IdentityHeaders;
  readonly authorizer: Authorizer;
  readonly aggregatedApis: AggregatedApis;
  /** To the beginning of an answer, also of a stream; a minute when absent. */
  readonly timeoutMs?: number;
  /** Absent: requests are not counted. */
  readonly requestMetrics?: RequestMetrics;
  /** Absent: there is no audit log. */
  readonly auditor?: Auditor;
}

export function timeoutOf({ timeoutMs = defaultTimeoutMs }: PipelineParts): number {
  return timeoutMs;
}

export interface RequestPipelineParts extends PipelineParts {
  /** Who waits for whom, or how many run at once where nobody waits. */
  readonly bounds: RequestFairness | PlainBounds;
}

const bodyBytesMax = 3 * 1024 * 1024;
export const defaultTimeoutMs = 60_000;
/**
 * Before anybody knows who asks, and with those that wait for their turn. About 20 KiB of memory each; the
 * queues of one priority level hold less.
 */
const requestsMax = 10_000;
/** About 20 KiB of memory each. */
const watchesMax = 20_000;
/** Logs count as watches. A controller manager holds some hundred. */
const watchesPerUserMax = 5_000;

/**
 * The filters of every request in the order in which they see it, outermost first. Each adds to
 * the request what the next needs, so that a wrong order does not compile.
 */
export function buildRequestPipeline(
  parts: RequestPipelineParts,
  route: Handler<AuthorizedRequest>,
): Handler {
  const { aggregatedApis, requestMetrics } = parts;
  const { onRefused, onLate } = countTerminations(requestMetrics, isLongRunning);
  const isPassedOn = ({ target }: TargetedRequest): boolean => leadsOn(aggregatedApis, target);
  const isSentAsItComes = (each: TargetedRequest): boolean =>
    isLongRunning(each) || isPassedOn(each);
  return traceRequests(
    parts,
    reportErrors(
      { logger: parts.logger },
      describeTarget(
        measureRequests(
          requestMetrics,
          isLongRunning,
          auditRequests(
            parts.auditor,
            isLongRunning,
            answerStoreFailures(
              limitInFlight(
                { what: 'requests', requestsMax, keyOf: countedAsRequest, onRefused },
                limitInFlight(
                  { what: 'watches', requestsMax: watchesMax, keyOf: countedAsWatch, onRefused },
                  enforceDeadline(
                    {
                      clock: parts.clock,
                      timeoutMs: timeoutOf(parts),
                      isLongRunning: mayBeSilent,
                      isPassedOn,
                      onLate,
                    },
                    waitForTurn(
                      limitBody(
                        { bodyBytesMax, isPassedOn, onRead: countBodies(requestMetrics) },
                        compress({ isLongRunning: isSentAsItComes }, knowWhoMay(parts, route)),
                      ),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Who asks, as whom, and may they. */
function knowWhoMay(
  parts: RequestPipelineParts,
  route: Handler<AuthorizedRequest>,
): Handler<TargetedRequest> {
  const { authenticator, identityHeaders, authorizer, auditor, requestMetrics } = parts;
  const { onRefused } = countTerminations(requestMetrics, isLongRunning);
  return authenticate(
    authenticator,
    auditReceived(
      auditor,
      bodiesOf(isLongRunning),
      impersonate(
        authorizer,
        takeTurns(
          { ...parts, onRefused },
          limitInFlight(
            {
              what: 'watches of one user',
              requestsMax: watchesPerUserMax,
              keyOf: watcherOf,
              onRefused,
            },
            authorize(authorizer, route),
          ),
        ),
      ),
    ),
    identityHeaders,
  );
}

function takeTurns(
  {
    bounds,
    clock,
    onRefused,
  }: Pick<RequestPipelineParts, 'bounds' | 'clock'> & Pick<TerminationCounters, 'onRefused'>,
  next: Handler<AuthenticatedRequest>,
): Handler<AuthenticatedRequest> {
  return bounds instanceof RequestFairness
    ? queueFairly({ fairness: bounds, clock, isLongRunning, onRefused }, next)
    : limitRequests({ bounds, isLongRunning, onRefused }, next);
}

/**
 * Watches, logs and what goes on to a node last as long as they last. What only looks like one is bounded
 * like any request.
 */
function isLongRunning({ target }: TargetedRequest): boolean {
  return target.isResource && (target.verb === 'watch' || isLog(target) || isProxied(target));
}

/** What goes on is no object of this server. */
function leadsOn(aggregatedApis: AggregatedApis, target: RequestTarget): boolean {
  if (target.isResource && isProxied(target)) return true;
  const found = aggregatedApis.answering(target);
  return found !== undefined && found.resources === undefined;
}

/** The kubelet answers a log that is followed with its first line, whenever that is written. */
function mayBeSilent(request: TargetedRequest): boolean {
  const { target, query } = request;
  if (!target.isResource || !isLog(target)) return isLongRunning(request);
  const follow = new URLSearchParams(query).get('follow') ?? 'false';
  return follow !== 'false' && follow !== '0';
}

function isLog({ group, plural, subresource }: ResourceTarget): boolean {
  return subresource === 'log' && plural === 'pods' && group === '';
}

/** Health checks are never refused: the server would be restarted for being busy. */
function countedAsRequest(request: TargetedRequest): string | undefined {
  const { target } = request;
  if (isLongRunning(request) || (!target.isResource && isHealthPath(target.path))) return undefined;
  return 'all';
}

function countedAsWatch(request: TargetedRequest): string | undefined {
  return isLongRunning(request) ? 'all' : undefined;
}

function watcherOf(request: AuthenticatedRequest): string | undefined {
  return isLongRunning(request) ? request.user.username : undefined;
}
