import type { AuthorizedRequest } from '@fairway/access';
import { type Clock, messageOf, timeLimit } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { ApiError, type HttpResponse, apiError } from '@fairway/protocol';
import {
  type Forwarding,
  type Upstream,
  forwardRequest,
  forwardUpgrade,
  onBodyEnd,
  releaseBody,
} from '@fairway/serving';
import type { BackendEndpoint, Dial, ExtensionEndpoint } from '../calls/dial.ts';
import { firstReached } from '../proxying/first-reached.ts';
import type { AggregatedApi } from '../registry/aggregated-api.ts';
import { isAvailable } from './availability-writer.ts';
import { extensionRequest, extensionResponse } from './extension-messages.ts';
import {
  type NamedService,
  NoWayToService,
  type ServiceAddressParts,
  serviceAddresses,
} from '../proxying/service-addresses.ts';

export interface ExtensionParts extends ServiceAddressParts {
  readonly clock: Clock;
  /** Absent: there is no way out. */
  readonly dial?: Dial;
}

/** As kube-aggregator: what everybody asks for must not wait for one server. */
const discoveryTimeoutMs = 5_000;

/** An address of an extension server, and the way there. */
export interface ExtensionWay {
  readonly endpoint: BackendEndpoint;
  readonly upstream: Upstream;
}

/**
 * What a server behind a service answers, as its APIService says where it is: asked with the identity of the
 * caller in headers, while it is available. Redirects are refused, since they could lead a caller's browser
 * anywhere.
 *
 * Source: kube-aggregator, proxyHandler.
 */
export function extensionApi(parts: ExtensionParts, service: APIService): AggregatedApi {
  const { group = '', version = '' } = service.spec ?? {};
  return {
    group,
    version,
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
        const answer = await firstReached(waysTo(parts, service), request, (way) =>
          forwardUpgrade(forwardingBy(way))(request),
        );
        return answer;
      } catch (failure) {
        return { kind: 'refused', response: refusalOf(failure) };
      }
    },
  };
}

/** The ways to a server, any address first. Errors: an `Error` that says why there is none. */
export async function* waysTo(
  parts: ExtensionParts,
  { spec }: APIService,
): AsyncGenerator<ExtensionWay, undefined> {
  const dial = parts.dial?.extension;
  if (dial === undefined) {
    const message = 'this server has no way to the servers behind APIServices';
    throw apiError('NotImplemented', message, {});
  }
  const service = namedService(spec?.service);
  const { caBundle, insecureSkipTLSVerify } = spec ?? {};
  const trust: Pick<ExtensionEndpoint, 'serverName' | 'certificateAuthority' | 'isInsecure'> = {
    serverName: `${service.name}.${service.namespace}.svc`,
    ...(caBundle && { certificateAuthority: Buffer.from(caBundle, 'base64').toString() }),
    isInsecure: insecureSkipTLSVerify === true,
  };
  for await (const endpoint of serviceAddresses(parts, service)) {
    yield { endpoint, upstream: dial({ ...endpoint, scheme: 'https', ...trust }) };
  }
}

/** With what is said where nothing is. */
export function namedService({
  namespace = '',
  name = '',
  port = 443,
}: Partial<NamedService> = {}): NamedService {
  return { namespace, name, port };
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
  const late = (): Error => new Error('context deadline exceeded');
  const limit = timeLimit(clock, discoveryTimeoutMs, { late, signal: request.signal });
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
