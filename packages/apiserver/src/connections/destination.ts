import type { Authorizer } from '@fairway/access';
import { type HttpRequest, badRequest, forwardedFor } from '@fairway/protocol';
import type { AdmissionSteps } from '../admission/admission-chain.ts';
import type { Call } from '../calls/call.ts';
import type { Dial, KubeletEndpoint } from '../calls/dial.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** To lead callers on to what runs in the cluster. */
export interface ConnectParts {
  readonly cluster: ClusterReader;
  readonly admission: AdmissionSteps;
  readonly authorizer: Authorizer;
  /** Absent: there is no way out. */
  readonly dial?: Dial;
  /** Which addresses of a node its kubelet is called at, the first ones first; absent: as in Kubernetes. */
  readonly kubeletAddressTypes?: readonly string[];
}

/** Where a request goes on to. */
export interface Destination {
  readonly endpoint: KubeletEndpoint;
  readonly path: string;
  readonly query: string;
}

/** Finds where a call leads. Errors: the `ApiError` that says why nowhere. */
export type FindDestination = (call: Call<ConnectParts>) => Promise<Destination>;

/**
 * What a caller says that its destination has to hear. Nothing else goes on: a kubelet believes the
 * API server, so what a caller says of who it is must not reach it as the API server's word.
 */
const passedOnHeaders = [
  'audit-id',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'traceparent',
  'tracestate',
  'upgrade',
  'user-agent',
  'x-stream-protocol-version',
] as const;

/** The request of a caller as its destination gets it. */
export function forwardedRequest(request: HttpRequest, { path, query }: Destination): HttpRequest {
  const { method, signal } = request;
  const headers: Record<string, string | readonly string[]> = {};
  for (const name of passedOnHeaders) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  const chain = forwardedFor(request);
  if (chain !== undefined) headers['x-forwarded-for'] = chain;
  return { method, path, query, headers, body: undefined, signal };
}

/** Of those who ask for a stream without changing the protocol. */
export function upgradeRequired(): Error {
  return badRequest('Upgrade request required');
}
