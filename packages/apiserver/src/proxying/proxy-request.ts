import type { AuthenticatedRequest } from '@fairway/access';
import {
  type ApiError,
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  apiError,
} from '@fairway/protocol';
import { type Forwarding, forwardRequest, forwardUpgrade } from '@fairway/serving';
import type { Call, Verb } from '../calls/call.ts';
import type { BackendEndpoint } from '../calls/dial.ts';
import { admitConnect, toldAs } from '../connections/connect.ts';
import { requireWay } from '../connections/require-way.ts';
import { firstReached } from './first-reached.ts';
import { backendRequest, backendResponse } from './backend-messages.ts';
import { kubeletRequest, nodeDestination } from './proxied-node.ts';
import { podEndpoint } from './proxied-pod.ts';
import { serviceEndpoints } from './proxied-service.ts';
import type { ProxyParts } from './proxy-parts.ts';

type ForwardCall = Forwarding<AuthenticatedRequest>;

/**
 * Answers what is below `services/NAME/proxy`, `pods/NAME/proxy` and `nodes/NAME/proxy` as what is there does.
 *
 * Errors: ServiceUnavailable when it does not answer.
 */
export const proxyRequest: Verb<ProxyParts> = async (call) => {
  const { request, target } = call;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return viaFirstReached(call, async (forwarding) => {
    if (target.rest === '' && isRead) return withSlash(request);
    return forwardRequest(forwarding)(request);
  });
};

/** The same for a request that becomes a stream. */
export function proxyStream(call: Call<ProxyParts>): Promise<UpgradeAnswer> {
  return viaFirstReached(call, (forwarding) => forwardUpgrade(forwarding)(call.request));
}

/** Whether a request goes on to what it names, whatever it asks for there. */
export function isProxied({ group, subresource }: Call['target']): boolean {
  return group === '' && subresource === 'proxy';
}

async function viaFirstReached<Answer>(
  call: Call<ProxyParts>,
  ask: (forwarding: ForwardCall) => Promise<Answer>,
): Promise<Answer> {
  await admitConnect(call);
  return firstReached(waysOf(call), call.request, ask);
}

async function* waysOf(call: Call<ProxyParts>): AsyncGenerator<ForwardCall, undefined> {
  switch (call.target.plural) {
    case 'nodes': {
      const found = await nodeDestination(call);
      yield found.kind === 'port'
        ? towardsBackend(call, found.endpoint)
        : {
            to: found.to,
            requestOf: (request) => kubeletRequest(request, found.destination),
            failureOf: toldAs(notReached),
          };
      return;
    }
    case 'pods':
      yield towardsBackend(call, await podEndpoint(call));
      return;
    default:
      for await (const endpoint of serviceEndpoints(call)) yield towardsBackend(call, endpoint);
  }
}

function towardsBackend(call: Call<ProxyParts>, endpoint: BackendEndpoint): ForwardCall {
  const { rest } = call.target;
  return {
    to: requireWay(call, 'backend')(endpoint),
    requestOf: (request) => backendRequest(request, rest),
    responseOf: (response, request) => backendResponse(response, { request, rest, endpoint }),
    failureOf: toldAs(notReached),
  };
}

/** Links of what is answered are relative to a folder. */
function withSlash({ path, query }: HttpRequest): HttpResponse {
  const location = query === '' ? `${path}/` : `${path}/?${query}`;
  return { status: 301, headers: { location }, body: undefined };
}

/** In the words of Kubernetes. */
function notReached(why: string, cause: unknown): ApiError {
  return apiError('ServiceUnavailable', `error trying to reach service: ${why}`, {}, { cause });
}
