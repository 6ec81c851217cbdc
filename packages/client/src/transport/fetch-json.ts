import { type Clock, Secret } from '@fairway/host';
import type { HttpRequest } from '@fairway/protocol';
import { anonymousCredentials, unchangingTrust } from '../cluster-target.ts';
import type {
  FetchJson,
  FetchJsonRequest,
  FetchJsonResponse,
} from '../credentials/oidc-auth-provider.ts';
import { readBody } from './read-body.ts';
import { chooseProxy } from './choose-proxy.ts';
import { ConnectionError } from './connection-error.ts';
import { nodeTransport } from './node-transport.ts';

/**
 * Requests JSON from servers outside the cluster, which issue tokens. One connection per request.
 */
export function nodeFetchJson(machine: {
  readonly clock: Clock;
  readonly variables: Readonly<Record<string, string | undefined>>;
}): FetchJson {
  return async (asked) => {
    const url = new URL(asked.url);
    const proxy = chooseProxy(url, machine.variables);
    const { certificateAuthority } = asked;
    const wire = nodeTransport({
      server: url.origin,
      trust: unchangingTrust(certificateAuthority === undefined ? {} : { certificateAuthority }),
      credentials: anonymousCredentials,
      clock: machine.clock,
      proxyUrl: proxy === undefined ? undefined : new Secret(proxy),
    });
    const controller = new AbortController();
    const timer = machine.clock.schedule(asked.timeoutMs, () => controller.abort(late(asked)));
    try {
      const response = await wire.send(requestOf(asked, url, controller.signal));
      const bytes = await readBody(response.body, asked.responseBytesMax);
      return { status: response.status, body: jsonOrUndefined(bytes) };
    } finally {
      timer.cancel();
      wire.close();
    }
  };
}

function requestOf(asked: FetchJsonRequest, url: URL, signal: AbortSignal): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(asked.headers)) headers[name.toLowerCase()] = value;
  return {
    method: asked.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers,
    body: asked.body === undefined ? undefined : new TextEncoder().encode(asked.body),
    signal,
  };
}

function jsonOrUndefined(bytes: Uint8Array): FetchJsonResponse['body'] {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function late({ url, timeoutMs }: FetchJsonRequest): ConnectionError {
  const { origin } = new URL(url);
  const message = `${origin}: no complete answer within ${timeoutMs} ms`;
  return new ConnectionError({ problem: 'timeout', message, server: origin });
}
