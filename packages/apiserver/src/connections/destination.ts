import type { Authorizer } from '@fairway/access';
import { type HttpRequest, badRequest, endToEndHeaders, forwardedFor } from '@fairway/protocol';
import type { AdmissionPlugin } from '../admission/admission-plugin.ts';
import type { Call } from '../calls/call.ts';
import type { Dial, Endpoint } from '../calls/dial.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** To lead callers on to what runs in the cluster. */
export interface ConnectParts {
  readonly cluster: ClusterReader;
  readonly admission: readonly AdmissionPlugin[];
  readonly authorizer: Authorizer;
  /** Absent: there is no way out. */
  readonly dial?: Dial;
}

/** Where a request goes on to. */
export interface Destination {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly query: string;
}

/** Finds where a call leads. Errors: the `ApiError` that says why nowhere. */
export type FindDestination = (call: Call<ConnectParts>) => Promise<Destination>;

/** The request of a caller as its destination gets it. */
export function forwardedRequest(request: HttpRequest, { path, query }: Destination): HttpRequest {
  const { method, signal } = request;
  const { host: _, ...headers } = endToEndHeaders(request.headers);
  const chain = forwardedFor(request);
  if (chain !== undefined) headers['x-forwarded-for'] = chain;
  const { upgrade } = request.headers;
  if (upgrade !== undefined) headers['upgrade'] = upgrade;
  return { method, path, query, headers, body: undefined, signal };
}

/** Of those who ask for a stream without changing the protocol. */
export function upgradeRequired(): Error {
  return badRequest('Upgrade request required');
}
