import type { Duplex } from 'node:stream';
import { type Client, explicitTarget } from '@fairway/client';
import { buildTransport } from '@fairway/client/connect';
import { openPodPort } from '@fairway/client/streams';
import { ApiError, type HttpRequest, forwardedHeaders, headerOf } from '@fairway/protocol';
import { type Upstream, forwardRequest, forwardUpgrade } from '@fairway/serving';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import { requestHeaders, upgradeHeaders } from '../forwarding/forwarded-headers.ts';
import { withLocation } from '../forwarding/local-location.ts';
import { upstreamFailure } from '../forwarding/upstream-failure.ts';
import { type HostedName, hostOf, proxiedPath } from './hosted-name.ts';
import { ReadyPods } from './ready-pods.ts';

/** The cluster as its user sees it. */
export interface HostedCluster {
  readonly client: Client;
  /** The same, for what goes through the API server's own proxy. */
  readonly transport: Upstream;
}

/** A way to what a host stands for. */
export interface HostRoad extends Proxy {
  close(): Promise<void>;
}

/** What of an answer waits for its reader before the application is held back. */
const waitingBytesMax = 64 * 1024;
const idleConnectionsMax = 32;
const connectionsMax = 128;
/** Pods that are tried for one connection. */
const attemptsMax = 3;

/**
 * Finds the way to a port of a service or a pod: by port-forward to a ready pod, so that the application gets
 * its requests as they are. Where that is not possible, because there is no pod behind it or the user may not
 * forward ports, through the API server's proxy.
 *
 * Errors: `ApiError`; `ConnectionError`.
 */
export async function openHostRoad(cluster: HostedCluster, name: HostedName): Promise<HostRoad> {
  const found = await findPods(cluster.client, name);
  if (found === undefined) return roadOverApi(cluster, proxiedPath(name));
  const first = await firstStream(cluster.client, found);
  if (first !== undefined) return roadToPods(cluster.client, name, { found, first });
  const scheme = found.scheme === 'https' ? 'https' : '';
  return roadOverApi(cluster, proxiedPath({ ...name, port: String(found.port) }, scheme));
}

/** Undefined when the user may not look. */
async function findPods(client: Client, name: HostedName): Promise<ReadyPods | undefined> {
  try {
    return await ReadyPods.of(client, name);
  } catch (error) {
    if (error instanceof ApiError && error.code === 403) return undefined;
    throw error;
  }
}

/** Undefined when no port can be forwarded. */
async function firstStream(client: Client, found: ReadyPods): Promise<Duplex | undefined> {
  try {
    return await openStream(client, found);
  } catch (error) {
    if (error instanceof ApiError && [403, 405, 501].includes(error.code)) return undefined;
    throw error;
  }
}

async function openStream(client: Client, found: ReadyPods): Promise<Duplex | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const pod = await found.pick();
    if (pod === undefined) return undefined;
    try {
      return await openPodPort(client, pod.name, pod.port, { namespace: pod.namespace });
    } catch (error) {
      const isGone = !(error instanceof ApiError) || error.code === 404 || error.code >= 500;
      if (!isGone || attempt === attemptsMax) throw error;
      found.giveUp(pod);
    }
  }
}

function roadToPods(
  client: Client,
  name: HostedName,
  { found, first }: { readonly found: ReadyPods; readonly first: Duplex },
): HostRoad {
  let offered: Duplex | undefined = first;
  const { clock, random } = client;
  const server = `${found.scheme}://${hostOf(name)}`;
  const isInsecure = found.scheme === 'https';
  const transport = buildTransport(
    explicitTarget(clock, { server, isInsecure, disableCompression: true }),
    {
      clock,
      random,
      isRetryWanted: false,
      isHttp2Wanted: false,
      limits: { silenceMs: 0, waitingBytesMax, idleConnectionsMax, connectionsMax },
      openStream: async () => {
        const stream = offered?.destroyed === false ? offered : await openStream(client, found);
        offered = undefined;
        if (stream !== undefined) return stream;
        throw new Error(`nothing is behind ${hostOf(name)} any more that a port can lead to`);
      },
    },
  );
  const forwarding = {
    to: transport,
    failureOf: upstreamFailure,
    requestOf: ({ peer, ...request }: HttpRequest): HttpRequest => ({
      ...request,
      headers: {
        ...forwardedHeaders({ headers: request.headers, ...(peer && { peer }) }, 'http'),
        host: headerOf(request.headers, 'host') ?? hostOf(name),
      },
    }),
  };
  return {
    handler: forwardRequest(forwarding),
    upgradeHandler: forwardUpgrade(forwarding),
    close: async () => {
      offered?.destroy();
      await transport.close();
    },
  };
}

/** `prefix`: what the API server puts before links and redirects; what comes back by these is led without it. */
function roadOverApi({ transport }: HostedCluster, prefix: string): HostRoad {
  const withoutPrefix = (path: string): string =>
    path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  const sentAs = ({ peer: _, ...request }: HttpRequest, headers: HttpRequest['headers']) => ({
    ...request,
    path: `${prefix}${request.path}`,
    headers,
  });
  const options = { mayImpersonate: false };
  const forwarding = { to: transport, failureOf: upstreamFailure };
  return {
    handler: forwardRequest({
      ...forwarding,
      requestOf: (request) => sentAs(request, requestHeaders(request, options)),
      responseOf: (response) => withLocation(response, withoutPrefix),
    }),
    upgradeHandler: forwardUpgrade({
      ...forwarding,
      requestOf: (request) => sentAs(request, upgradeHeaders(request, options)),
    }),
    close: async () => {},
  };
}
