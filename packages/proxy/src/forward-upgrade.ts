import type { Duplex } from 'node:stream';
import type { UpgradeAnswer } from '@fairway/client';
import type { HttpRequest } from '@fairway/protocol';
import type { UpgradeHandler } from '@fairway/serving';
import {
  type ForwardedHeaderOptions,
  responseHeaders,
  upgradeHeaders,
} from './forwarded-headers.ts';
import { upstreamFailure } from './upstream-failure.ts';

export interface ForwardUpgradeOptions extends ForwardedHeaderOptions {
  readonly upgrade: (request: HttpRequest) => Promise<UpgradeAnswer>;
  /** How long the connection to the cluster is silent before it is probed; undefined: never. */
  readonly keepAliveMs: number | undefined;
}

/**
 * Sends upgrades on to the cluster and then passes bytes, the early ones first, until either side
 * closes.
 *
 * Errors: `ApiError` with 502 or 504 when there is no answer.
 */
export function forwardUpgrade(options: ForwardUpgradeOptions): UpgradeHandler {
  return async (request) => {
    const answer = await askUpstream(request, options);
    if (!answer.isUpgraded) {
      const { response } = answer;
      return { kind: 'refused', response: { ...response, headers: responseHeaders(response) } };
    }
    keepAlive(answer.stream, options.keepAliveMs);
    const { upgrade = '' } = answer.response.headers;
    return {
      kind: 'accepted',
      headers: { ...responseHeaders(answer.response), upgrade },
      run: (caller) => passBytes(caller, answer),
    };
  };
}

async function askUpstream(
  request: HttpRequest,
  options: ForwardUpgradeOptions,
): Promise<UpgradeAnswer> {
  const { method, path, query, signal } = request;
  const headers = upgradeHeaders(request, options);
  try {
    return await options.upgrade({ method, path, query, headers, body: undefined, signal });
  } catch (error) {
    throw upstreamFailure(error, request);
  }
}

function passBytes(
  caller: Duplex,
  { stream: cluster, head }: Extract<UpgradeAnswer, { isUpgraded: true }>,
): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      caller.destroy();
      cluster.destroy();
      resolve();
    };
    for (const side of [caller, cluster]) side.on('error', end).once('close', end);
    if (caller.destroyed || cluster.destroyed) return end();
    if (head.length > 0) caller.write(head);
    cluster.pipe(caller);
    caller.pipe(cluster);
  });
}

function keepAlive(stream: Duplex, keepAliveMs: number | undefined): void {
  if ('setKeepAlive' in stream && typeof stream.setKeepAlive === 'function') {
    stream.setKeepAlive(keepAliveMs !== undefined, keepAliveMs ?? 0);
  }
}
