import {
  type AuthenticatedRequest,
  type AuthorizedRequest,
  type TargetedRequest,
  authenticate,
  authorize,
  describeTarget,
  impersonate,
} from '@fairway/access';
import {
  type Handler,
  type HttpRequest,
  type ResourceTarget,
  type UpgradeHandler,
  parseRequestTarget,
} from '@fairway/protocol';
import {
  enforceUpgradeDeadline,
  limitUpgrades,
  reportUpgradeErrors,
  traceUpgrades,
} from '@fairway/serving';
import { answerStoreFailures } from './calls/answer-store-failures.ts';
import { isConnect } from './connections/connect.ts';
import { auditReceived, auditUpgrades } from './audit/audit-requests.ts';
import {
  type TerminationCounters,
  countTerminations,
  measureUpgrades,
} from './metrics/measure-requests.ts';
import { isProxied } from './proxying/proxy-request.ts';
import type { AggregatedApis } from './registry/aggregated-api.ts';
import { type PipelineParts, timeoutOf } from './request-pipeline.ts';

/** Two sockets each. */
const streamsMax = 10_000;
const streamsPerUserMax = 1_000;

/**
 * The filters of every request that may become a stream, in their order, outermost first: those of
 * a request, without what only bodies need. What leads to no stream is
 * answered by `handler`, as if no other protocol had been offered.
 */
export function buildUpgradePipeline(
  parts: PipelineParts,
  to: { readonly handler: Handler; readonly route: UpgradeHandler<AuthorizedRequest> },
): UpgradeHandler {
  const { onRefused, onLate } = countTerminations(parts.requestMetrics, () => true);
  const streams = traceUpgrades(
    parts,
    reportUpgradeErrors(
      parts,
      describeTarget(
        measureUpgrades(
          parts.requestMetrics,
          auditUpgrades(
            parts.auditor,
            answerStoreFailures(
              limitUpgrades(
                { what: 'streams', requestsMax: streamsMax, keyOf: () => 'all', onRefused },
                enforceUpgradeDeadline(
                  { clock: parts.clock, timeoutMs: timeoutOf(parts), onLate },
                  knowWhoMay({ ...parts, onRefused }, to.route),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
  return async (request) =>
    leadsToStream(parts.aggregatedApis, request)
      ? streams(request)
      : { kind: 'refused', response: await to.handler(request) };
}

/** Who asks, as whom, and may they. */
function knowWhoMay(
  {
    authenticator,
    identityHeaders,
    authorizer,
    auditor,
    onRefused,
  }: PipelineParts & Pick<TerminationCounters, 'onRefused'>,
  route: UpgradeHandler<AuthorizedRequest>,
): UpgradeHandler<TargetedRequest> {
  return authenticate(
    authenticator,
    auditReceived(
      auditor,
      undefined,
      impersonate(
        authorizer,
        limitUpgrades(
          { what: 'streams of one user', requestsMax: streamsPerUserMax, keyOf: nameOf, onRefused },
          authorize(authorizer, route),
        ),
      ),
    ),
    identityHeaders,
  );
}

function nameOf({ user }: AuthenticatedRequest): string {
  return user.username;
}

function leadsToStream(aggregatedApis: AggregatedApis, request: HttpRequest): boolean {
  try {
    const target = parseRequestTarget(request);
    if (!target.isResource) return false;
    if (aggregatedApis.find(target)?.upgrade !== undefined) return true;
    return isConnect(target) || isProxied(target) || isWatchOverWebSocket(target, request);
  } catch {
    return false; // The handler says what is wrong with it.
  }
}

/** Watches know no other protocol. */
function isWatchOverWebSocket({ verb }: ResourceTarget, { headers }: HttpRequest): boolean {
  return verb === 'watch' && String(headers['upgrade'] ?? '').toLowerCase() === 'websocket';
}
