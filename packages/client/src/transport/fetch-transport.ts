import { messageOf } from '@fairway/host';
import type { Handler, HttpHeaders, HttpRequest, HttpResponse } from '@fairway/protocol';
import { readBody } from './read-body.ts';
import { ConnectionError } from './connection-error.ts';

/**
 * A transport over `fetch`, for browsers and edge runtimes: the platform decides about TLS,
 * proxies and connections, and what stands at `server` authenticates.
 *
 * `server`: URL or path (`/k8s`) that comes before every request.
 */
export function fetchTransport(options: {
  readonly server: string;
  readonly fetch: typeof globalThis.fetch;
}): Handler {
  const server = options.server.replace(/\/+$/, '');
  return async (request) => {
    const { path, query, signal } = request;
    const url = `${server}${path}${query === '' ? '' : `?${query}`}`;
    try {
      const response = await options.fetch(url, await initOf(request));
      return {
        status: response.status,
        headers: headersOf(response.headers),
        body: response.body === null ? undefined : readChunks(response.body, { server, signal }),
      };
    } catch (cause) {
      throw explain('unreachable', cause, { server, signal });
    }
  };
}

/** What cannot be streamed is collected, up to this. */
const bodyBytesMax = 64 * 1024 * 1024;

// Not every platform can send a stream, and no platform can over HTTP/1.1.
async function initOf({ method, headers, body, signal }: HttpRequest): Promise<RequestInit> {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const each of typeof value === 'string' ? [value] : value) sent.append(name, each);
  }
  if (body === undefined) return { method, headers: sent, signal };
  const bytes = new Uint8Array(await readBody(body, bodyBytesMax));
  return { method, headers: sent, signal, body: bytes };
}

async function* readChunks(
  body: ReadableStream<Uint8Array>,
  where: { readonly server: string; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw explain('reset', cause, where);
  } finally {
    // Frees the connection; what is already over has nothing to free.
    reader.cancel().catch(() => {});
  }
}

function explain(
  problem: 'unreachable' | 'reset',
  cause: unknown,
  where: { readonly server: string; readonly signal: AbortSignal },
): unknown {
  if (where.signal.aborted) return where.signal.reason;
  const what = messageOf(cause);
  return new ConnectionError({
    problem,
    message: `${where.server}: ${what}`,
    remedy: 'the platform says no more; the console of a browser may',
    server: where.server,
    cause,
  });
}

function headersOf(headers: Headers): HttpResponse['headers'] {
  const plain: Record<string, string> = {};
  for (const [name, value] of headers) plain[name] = value;
  return plain satisfies HttpHeaders;
}
