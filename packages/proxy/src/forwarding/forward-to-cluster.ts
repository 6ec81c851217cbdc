import type { Handler, HttpHeaders, HttpRequest, UpgradeHandler } from '@fairway/protocol';
import { type Upstream, forwardRequest, forwardUpgrade } from '@fairway/serving';
import {
  type ForwardedHeaderOptions,
  requestHeaders,
  upgradeHeaders,
} from './forwarded-headers.ts';
import { keepStreamAlive } from './keep-stream-alive.ts';
import { localLocationOf, withLocation } from './local-location.ts';
import { upstreamFailure } from './upstream-failure.ts';

/** A cluster that requests go on to, and as whom. */
export interface ForwardingOptions extends ForwardedHeaderOptions {
  /** The way to the cluster; it adds the credentials, unless callers have their own. */
  readonly transport: Upstream;
  /** Where that leads, so that redirects to one of them lead back through the proxy. */
  readonly servers: readonly string[];
  /** The path that callers have before those of the cluster: `/`, `/custom/`. */
  readonly prefix: string;
  /** How long the connection of a stream to the cluster is silent before it is probed; undefined: never. */
  readonly keepAliveMs: number | undefined;
}

/** Both seams of a server. */
export interface Proxy {
  readonly handler: Handler;
  readonly upgradeHandler: UpgradeHandler;
}

/** Sends requests, with paths as the cluster has them, on to it. */
export function forwardToCluster(options: ForwardingOptions): Proxy {
  const localLocation = localLocationOf(options.servers, options.prefix);
  const forwarding = { to: options.transport, failureOf: upstreamFailure };
  const forwardStream = forwardUpgrade({
    ...forwarding,
    requestOf: (request) => sentAs(request, upgradeHeaders(request, options)),
  });
  return {
    handler: forwardRequest({
      ...forwarding,
      requestOf: (request) => sentAs(request, requestHeaders(request, options)),
      responseOf: (response) => withLocation(response, localLocation),
    }),
    upgradeHandler: async (request) => {
      const answer = await forwardStream(request);
      if (answer.kind === 'accepted') keepStreamAlive(answer.stream, options.keepAliveMs);
      return answer;
    },
  };
}

function sentAs({ peer: _, ...request }: HttpRequest, headers: HttpHeaders): HttpRequest {
  return { ...request, headers };
}
