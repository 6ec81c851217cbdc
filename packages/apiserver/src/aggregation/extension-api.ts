import type { AuthorizedRequest } from '@fairway/access';
import { type Clock, messageOf } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { ApiError, type HttpResponse, apiError, onBodyEnd } from '@fairway/protocol';
import { type Forwarding, forwardRequest, forwardUpgrade, releaseBody } from '@fairway/serving';
import { firstReached } from '../proxying/first-reached.ts';
import type { AggregatedApi } from '../registry/aggregated-api.ts';
import { askingLimit } from './aggregator-request.ts';
import { isAvailable } from './availability-writer.ts';
import { extensionRequest, extensionResponse } from './extension-messages.ts';
import { type ExtensionParts, type ExtensionWay, waysTo } from './extension-ways.ts';
import { groupVersionOf } from '../registry/api-services.ts';
import { NoWayToService } from '../proxying/service-addresses.ts';

/**
 * What a server behind a service answers, as its APIService says where it is: asked with the identity of the
 * caller in headers, while it is available. Redirects are refused, since they could lead a caller's browser
 * anywhere.
 *
 * Source: kube-aggregator, proxyHandler.
 */
export function extensionApi(parts: ExtensionParts, service: APIService): AggregatedApi {
  return {
    ...groupVersionOf(service),
    handler: async (request) => {
      if (!isAvailable(service)) return unavailable();
      try {
        return await inTime(parts.clock, request, (asked) =>
          firstReached(waysTo(parts, service), asked, (way) =>
            forwardRequest(forwardingBy(way))(asked),
          ),
        );
      } catch (failure) {
        return refusalOf(failure);
      }
    },
    upgrade: async (request) => {
      if (!isAvailable(service)) return { kind: 'refused', response: unavailable() };
      try {
        return await firstReached(waysTo(parts, service), request, (way) =>
          forwardUpgrade(forwardingBy(way))(request),
        );
      } catch (failure) {
        return { kind: 'refused', response: refusalOf(failure) };
      }
    },
  };
}

function forwardingBy({ upstream }: ExtensionWay): Forwarding<AuthorizedRequest> {
  return {
    to: upstream,
    requestOf: extensionRequest,
    responseOf: (response) => {
      const passed = extensionResponse(response);
      if (passed !== response && passed.body !== response.body) releaseBody(response.body);
      return passed;
    },
    failureOf: (failure) => {
      if (failure instanceof ApiError) return failure;
      const message = `error trying to reach service: ${messageOf(failure)}`;
      return apiError('ServiceUnavailable', message, {}, { cause: failure });
    },
  };
}

/** Only what tells what there is has a time of its own, to the end of the answer. */
async function inTime(
  clock: Clock,
  request: AuthorizedRequest,
  ask: (request: AuthorizedRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  if (request.target.isResource) return ask(request);
  const limit = askingLimit(clock, request.signal);
  try {
    const response = await ask({ ...request, signal: limit.signal });
    return onBodyEnd(response, () => limit[Symbol.dispose]());
  } catch (failure) {
    limit[Symbol.dispose]();
    throw failure;
  }
}

function unavailable(): HttpResponse {
  return plainText(503, 'service unavailable');
}

/** In plain text, as kube-aggregator. */
function refusalOf(failure: unknown): HttpResponse {
  if (failure instanceof NoWayToService) return unavailable();
  if (!(failure instanceof ApiError) || failure.reason !== 'ServiceUnavailable') throw failure;
  return plainText(503, failure.message);
}

function plainText(status: number, text: string): HttpResponse {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  return { status, headers, body: Buffer.from(`${text}\n`) };
}
