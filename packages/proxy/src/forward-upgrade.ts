import type { ByteStream, HttpRequest, UpgradeAnswer, UpgradeHandler } from '@fairway/protocol';
import { duplexOf } from '@fairway/protocol/nodejs';
import {
  type ForwardedHeaderOptions,
  responseHeaders,
  upgradeHeaders,
} from './forwarded-headers.ts';
import { upstreamFailure } from './upstream-failure.ts';

export interface ForwardUpgradeOptions extends ForwardedHeaderOptions {
  readonly upgrade: UpgradeHandler;
  /** How long the connection to the cluster is silent before it is probed; undefined: never. */
  readonly keepAliveMs: number | undefined;
}

/**
 * Sends upgrades on to the cluster, and answers with the stream that comes of it.
 *
 * Errors: `ApiError` with 502 or 504 when there is no answer.
 */
export function forwardUpgrade(options: ForwardUpgradeOptions): UpgradeHandler {
  return async (request) => {
    const answer = await askUpstream(request, options);
    if (answer.kind === 'refused') {
      const { response } = answer;
      return { kind: 'refused', response: { ...response, headers: responseHeaders(response) } };
    }
    keepAlive(answer.stream, options.keepAliveMs);
    const { upgrade = '' } = answer.headers;
    return { ...answer, headers: { ...responseHeaders(answer), upgrade } };
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

function keepAlive(stream: ByteStream, keepAliveMs: number | undefined): void {
  const socket = duplexOf(stream);
  if (socket === undefined || !('setKeepAlive' in socket)) return;
  if (typeof socket.setKeepAlive !== 'function') return;
  socket.setKeepAlive(keepAliveMs !== undefined, keepAliveMs ?? 0);
}
