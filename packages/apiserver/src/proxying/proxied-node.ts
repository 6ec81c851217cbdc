import { isIP } from 'node:net';
import type { AuthenticatedRequest } from '@fairway/access';
import { type HttpRequest, badRequest } from '@fairway/protocol';
import type { Upstream } from '@fairway/serving';
import type { Call } from '../calls/call.ts';
import type { BackendEndpoint } from '../calls/dial.ts';
import {
  type ConnectParts,
  type Destination,
  forwardedRequest,
} from '../connections/destination.ts';
import { reachableNode } from '../connections/kubelet-endpoint.ts';
import { requireWay } from '../connections/require-way.ts';
import { isAllowed, notAllowed } from './allowed-address.ts';
import { readPort, readProxyName, schemeOf } from './read-proxy-name.ts';

/** Where `nodes/NAME/proxy` leads: to the kubelet of the node, or to another port of it. */
export type NodeDestination =
  | { readonly kind: 'kubelet'; readonly to: Upstream; readonly destination: Destination }
  | { readonly kind: 'port'; readonly endpoint: BackendEndpoint };

/**
 * A port that is not the kubelet's is asked for at the first address of the node that is one, not at its
 * name, so that no name server decides where that is.
 *
 * Errors: BadRequest, NotFound. Source: core/v1 NodeProxyOptions; kube-apiserver, ResourceLocation of nodes.
 */
export async function nodeDestination(call: Call<ConnectParts>): Promise<NodeDestination> {
  const { target, request, parts } = call;
  const asked = readProxyName(target.name, 'node');
  const dial = requireWay(call, 'kubelet');
  const { kubelet, addresses } = await reachableNode(parts, asked.name);
  if (asked.port === '' || asked.port === String(kubelet.port)) {
    const destination = { endpoint: kubelet, path: target.rest, query: request.query };
    return { kind: 'kubelet', to: dial(kubelet), destination };
  }
  const host = addresses.find((address) => isIP(address) !== 0) ?? '';
  if (!isAllowed(host)) throw notAllowed();
  const port = readPort(asked.port);
  if (port === undefined) throw badRequest(`invalid node request ${JSON.stringify(target.name)}`);
  return { kind: 'port', endpoint: { scheme: schemeOf(asked.scheme), host, port } };
}

/** What a proxied request says to a kubelet beside what every request does that goes on to one. */
const kubeletHeaders = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'range',
] as const;

/** The request of a caller as the kubelet gets it. */
export function kubeletRequest(
  request: AuthenticatedRequest,
  destination: Destination,
): HttpRequest {
  const forwarded = forwardedRequest(request, destination);
  const said = kubeletHeaders.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const headers = { ...Object.fromEntries(said), ...forwarded.headers };
  return { ...forwarded, headers, body: request.body };
}
