import {
  type ApiError,
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  apiError,
  badRequest,
} from '@fairway/protocol';
import { type Forwarding, forwardRequest, forwardUpgrade } from '@fairway/serving';
import type { Call, Verb } from '../calls/call.ts';
import { admitConnect, requireKubelets, toldAs } from './connect.ts';
import { type ConnectParts, type Destination, forwardedRequest } from './destination.ts';
import { kubeletEndpoint } from './kubelet-endpoint.ts';

/** What a proxied request says beside what every request does that goes on. */
const proxiedHeaders = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'range',
] as const;

/** Answers what is below `nodes/NAME/proxy` as the kubelet does. Source: core/v1 NodeProxyOptions. */
export const proxyRequest: Verb<ConnectParts> = async (call) => {
  const { request, target } = call;
  if (target.rest === '') return withSlash(request);
  return forwardRequest(await towardsNode(call))(request);
};

/** The same for a request that becomes a stream. */
export async function proxyStream(call: Call<ConnectParts>): Promise<UpgradeAnswer> {
  return forwardUpgrade(await towardsNode(call))(call.request);
}

/** Whether a request goes on to what it names, whatever it asks for there. */
export function isProxied({ group, subresource }: Call['target']): boolean {
  return group === '' && subresource === 'proxy';
}

async function towardsNode(call: Call<ConnectParts>): Promise<Forwarding> {
  const { target, request, parts } = call;
  if (target.plural !== 'nodes') {
    const message = `${target.plural}/proxy is not built yet; see docs/gaps.md`;
    throw apiError('NotImplemented', message, {});
  }
  const dial = requireKubelets(call);
  await admitConnect(call);
  const { name, port } = readNodeName(target.name);
  const endpoint = await kubeletEndpoint(parts, name);
  if (port !== undefined && port !== endpoint.port) {
    const message = `nodes/proxy leads to the kubelet at port ${endpoint.port} only, not to port ${port}; see docs/gaps.md`;
    throw apiError('NotImplemented', message, {});
  }
  const destination = { endpoint, path: target.rest, query: request.query };
  return {
    to: dial(endpoint),
    requestOf: (asked) => proxied(asked, destination),
    failureOf: toldAs(notProxied),
  };
}

/** `NAME`, `NAME:PORT` or `https:NAME:PORT`. Errors: BadRequest. */
function readNodeName(text: string): { readonly name: string; readonly port?: number } {
  const [, name = '', port] = /^(?:https:)?([^:]+)(?::(\d{1,5})?)?$/.exec(text) ?? [];
  if (name === '') throw badRequest(`invalid node request ${JSON.stringify(text)}`);
  return port === undefined ? { name } : { name, port: Number(port) };
}

function proxied(request: HttpRequest, destination: Destination): HttpRequest {
  const forwarded = forwardedRequest(request, destination);
  const said = proxiedHeaders.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const headers = { ...Object.fromEntries(said), ...forwarded.headers };
  return { ...forwarded, headers, body: request.body };
}

/** Links of what is answered are relative to a folder. */
function withSlash({ path, query }: HttpRequest): HttpResponse {
  const location = query === '' ? `${path}/` : `${path}/?${query}`;
  return { status: 301, headers: { location }, body: undefined };
}

/** In the words of Kubernetes. */
function notProxied(why: string, cause: unknown): ApiError {
  return apiError('ServiceUnavailable', `error trying to reach service: ${why}`, {}, { cause });
}
