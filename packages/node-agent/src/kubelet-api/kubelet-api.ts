import {
  type AuthenticatedRequest,
  type AuthorizedRequest,
  type Next,
  type TargetedRequest,
  authenticate,
  describeTarget,
} from '@fairway/access';
import {
  type ApiError,
  type Handler,
  type HttpResponse,
  type UpgradeHandler,
  apiError,
} from '@fairway/protocol';
import {
  limitInFlight,
  limitUpgrades,
  reportErrors,
  reportUpgradeErrors,
  traceRequests,
  traceUpgrades,
} from '@fairway/serving';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { authorizeForNode } from './kubelet-access.ts';
import type { KubeletParts } from './kubelet-parts.ts';
import { isStream } from './kubelet-path.ts';
import { routeKubeletRequest, routeKubeletStream } from './route-kubelet.ts';

/** Logs that are followed are among them. */
const requestsMax = 1_000;
const streamsMax = 1_000;

/**
 * The API of a kubelet: logs of containers, commands in them, ports of pods, and what they use. Failures are told
 * as plain text, as a kubelet does.
 *
 * Source: Kubernetes, kubelet server.
 */
export function kubeletApi(parts: KubeletParts): {
  readonly handler: Handler;
  readonly upgrade: UpgradeHandler;
} {
  const { logger } = parts;
  const handler = traceRequests(
    parts,
    reportErrors(
      { logger, write: asText },
      describeTarget(
        limitInFlight(
          { what: 'requests', requestsMax, keyOf: () => 'all' },
          knowWhoMay(parts, routeKubeletRequest(parts)),
        ),
      ),
    ),
  );
  const streams = traceUpgrades(
    parts,
    reportUpgradeErrors(
      { logger, write: asText },
      describeTarget(
        limitUpgrades(
          { what: 'streams', requestsMax: streamsMax, keyOf: () => 'all' },
          knowWhoMay(parts, routeKubeletStream(parts)),
        ),
      ),
    ),
  );
  return {
    handler,
    upgrade: async (request) =>
      isStream(request.path)
        ? streams(request)
        : { kind: 'refused', response: await handler(request) },
  };
}

function knowWhoMay<Reply>(
  parts: KubeletParts,
  route: Next<AuthorizedRequest, Reply>,
): Next<TargetedRequest, Reply> {
  const told = tellRuntimeErrors(route);
  const authorized: Next<AuthenticatedRequest, Reply> = authorizeForNode(parts, told);
  return authenticate(parts.authenticator, authorized);
}

/** Filter: what the runtime says of its failure is what callers are told. */
function tellRuntimeErrors<Reply>(
  next: Next<AuthorizedRequest, Reply>,
): Next<AuthorizedRequest, Reply> {
  return async (request) => {
    try {
      return await next(request);
    } catch (cause) {
      if (!(cause instanceof RuntimeError)) throw cause;
      throw apiError('InternalError', cause.message, undefined, { cause });
    }
  };
}

function asText({ code, message, headers }: ApiError): HttpResponse {
  return {
    status: code,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: Buffer.from(message),
  };
}
