import type { AnsweredRequest } from '@fairway/access';
import { createClient } from '@fairway/client';
import type { Clock, Logger, Random } from '@fairway/host';
import type { Handler, HttpRequest, HttpResponse, UpgradeHandler } from '@fairway/protocol';
import { reportErrors } from '@fairway/serving';
import { type ProxiedClusters, clusterPlace } from './clusters/cluster-place.ts';
import { fenceIn } from './fences/fence-in.ts';
import type { Fence } from './fences/fences.ts';
import { staticFiles } from './files/static-files.ts';
import { type AcceptFilter, type AcceptRules, acceptFilter } from './filters/accept-filter.ts';
import { type Destination, type Place, below } from './forwarding/destination.ts';
import {
  type ForwardingOptions,
  type Proxy,
  forwardToCluster,
} from './forwarding/forward-to-cluster.ts';
import { HostRoads } from './hosts/host-roads.ts';
import type { HostedName } from './hosts/hosted-name.ts';
import { hostedPlace } from './hosts/hosted-place.ts';
import { notesOf, noteTargets } from './observation/request-notes.ts';
import { recordRequests } from './recording/record-requests.ts';
import type { RunningProxy } from './running/switched-proxy.ts';

export interface ProxyOptions extends Omit<ForwardingOptions, 'prefix'> {
  /** Undefined: every request is let through, also from any web page. */
  readonly rules: AcceptRules | undefined;
  /**
   * Path under which the API is: `/`, or one that is taken away before a request goes on, except
   * below `/api`.
   */
  readonly apiPrefix: string;
  /** What callers may do of all that the user may; absent: all of it. */
  readonly fence?: Fence | undefined;
  /** Told of each request that the cluster has answered. */
  readonly onAnswered?: ((request: AnsweredRequest) => void) | undefined;
  /** A folder of files to offer beside the API. */
  readonly files?: { readonly directory: string; readonly prefix: string };
  /** Other clusters that are offered beside this one. */
  readonly clusters?: ProxiedClusters;
  /** Offers services and pods by hosts of their own, `NAME.NAMESPACE.svc.localhost`; absent: it does not. */
  readonly hosts?: {
    readonly clock: Clock;
    readonly random: Random;
    /** This one and no other. */
    readonly only?: HostedName;
  };
  readonly logger: Logger;
}

/**
 * Makes a proxy that answers in the name of its user: filters around a transport to a cluster.
 *
 * Errors: `RangeError` when files would hide the API.
 */
export function createProxy(options: ProxyOptions): RunningProxy {
  const { rules, logger } = options;
  const roads = hostRoads(options);
  const places = placesOf(options, roads);
  const refusalOf = rules === undefined ? acceptEverything : acceptFilter(rules);
  const handler: Handler = async (request) => {
    const destination = destinationOf(places, request);
    const refusal = refusalIn(destination, refusalOf);
    return refusal ?? destination.proxy.handler(destination.request);
  };
  const upgradeHandler: UpgradeHandler = async (request) => {
    const destination = destinationOf(places, request);
    const response = refusalIn(destination, refusalOf);
    if (response !== undefined) return { kind: 'refused', response };
    return destination.proxy.upgradeHandler(destination.request);
  };
  return {
    handler: reportErrors({ logger }, handler),
    upgradeHandler,
    [Symbol.asyncDispose]: async () => roads?.[Symbol.asyncDispose](),
  };
}

const acceptEverything: AcceptFilter = () => undefined;

/** What answers for a cluster below a prefix, as far as callers may ask it. */
function withinFence(options: ProxyOptions, prefix: string): Proxy {
  const cluster = recordRequests(options, forwardToCluster({ ...options, prefix }));
  return noteTargets(fenceIn(options.fence, cluster));
}

/** Its services and pods are asked for as its user would ask: within the same fence, and recorded. */
function hostRoads({ hosts, ...options }: ProxyOptions): HostRoads | undefined {
  if (hosts === undefined) return undefined;
  const cluster = withinFence(options, '/');
  const transport = { send: cluster.handler, upgrade: cluster.upgradeHandler };
  const client = createClient({ ...hosts, transport: transport.send, upgrade: transport.upgrade });
  return new HostRoads({ client, transport });
}

/** Where requests go, in the order in which they are asked. */
function placesOf(options: ProxyOptions, roads: HostRoads | undefined): readonly Place[] {
  const { clusters } = options;
  const apiPrefix = withSlash(options.apiPrefix);
  const stripped = apiPrefix.startsWith('/api') ? '/' : apiPrefix;
  const cluster = withinFence(options, stripped);
  const files = filesPlace(options, apiPrefix);
  return [
    ...(roads === undefined ? [] : [hostedPlace(roads, options.hosts?.only)]),
    ...(clusters === undefined
      ? []
      : [
          clusterPlace(clusters, (another, prefix) =>
            // A role of one cluster says nothing of another.
            withinFence({ ...options, ...another, onAnswered: undefined }, prefix),
          ),
        ]),
    ...(files === undefined ? [] : [files]),
    (request) =>
      request.path.startsWith(apiPrefix)
        ? { proxy: cluster, request: below(request, stripped) ?? request }
        : undefined,
  ];
}

function filesPlace({ files }: ProxyOptions, apiPrefix: string): Place | undefined {
  if (files === undefined) return undefined;
  const prefix = withSlash(files.prefix);
  if (apiPrefix.startsWith(prefix)) {
    throw new RangeError(
      `files at ${prefix} would hide the API at ${apiPrefix}; choose another prefix`,
    );
  }
  const proxy = { ...nowhere, handler: staticFiles(files.directory) };
  return (request) => {
    const file = below(request, prefix);
    return file === undefined ? undefined : { proxy, request: file };
  };
}

function destinationOf(places: readonly Place[], request: HttpRequest): Destination {
  for (const place of places) {
    const destination = place(request);
    if (destination !== undefined) return destination;
  }
  return { proxy: nowhere, request };
}

function refusalIn(
  { request, judged = request, madeHost }: Destination,
  refusalOf: AcceptFilter,
): HttpResponse | undefined {
  const refusal = refusalOf(judged, madeHost);
  const notes = notesOf(request);
  if (refusal !== undefined && notes !== undefined) notes.refusedBy = 'filter';
  return refusal;
}

const notFound: HttpResponse = {
  status: 404,
  headers: {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  },
  body: Buffer.from('404 page not found\n'),
};

const nowhere: Proxy = {
  handler: async () => notFound,
  upgradeHandler: async () => ({ kind: 'refused', response: notFound }),
};

function withSlash(prefix: string): string {
  const begun = prefix.startsWith('/') ? prefix : `/${prefix}`;
  return begun.endsWith('/') ? begun : `${begun}/`;
}
