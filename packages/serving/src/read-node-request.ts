import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type HttpRequest, type Peer, emptyHeaders } from '@fairway/protocol';

/** A request whose head cannot be understood in one way only; the text is for the caller. */
export class MalformedRequestError extends Error {
  override readonly name = 'MalformedRequestError';
}

/**
 * Reads the head of an HTTP/1.1 request; the body follows as it is consumed.
 *
 * Errors: `MalformedRequestError`.
 */
export function readHttp1Request(
  message: IncomingMessage,
  { peer, signal }: { peer: Peer; signal: AbortSignal },
): HttpRequest {
  const headers = headersFromPairs(message.rawHeaders);
  const { target, host } = splitAbsoluteForm(message.url ?? '');
  if (host !== undefined) headers['host'] = host;
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return {
    method: message.method ?? 'GET',
    ...splitTarget(target),
    headers,
    body: hasBody ? readBody(message, () => !message.complete) : undefined,
    peer,
    signal,
  };
}

export interface Http2Head {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

/** Reads the head of an HTTP/2 request. Errors: `MalformedRequestError`. */
export function readHttp2Request(
  stream: ServerHttp2Stream,
  head: Http2Head,
  { peer, signal }: { peer: Peer; signal: AbortSignal },
): HttpRequest {
  const headers = headersFromPairs(head.rawHeaders);
  const authority = head.headers[':authority'];
  if (authority !== undefined) {
    // Source: RFC 9113 §8.3.1.
    if (headers['host'] !== undefined && headers['host'] !== authority) {
      throw new MalformedRequestError('the header "host" differs from ":authority"; send one');
    }
    headers['host'] = authority;
  }
  const isCut = (): boolean => stream.aborted || (stream.rstCode ?? 0) !== 0;
  return {
    method: head.headers[':method'] ?? 'GET',
    ...splitTarget(head.headers[':path'] ?? ''),
    headers,
    body: stream.endAfterHeaders ? undefined : readBody(stream, isCut),
    peer,
    signal,
  };
}

/**
 * What must not come twice: we decide by these, and others that the request passes, before or after
 * us, might decide by the other value. Source: RFC 9110 §5.3, Fetch, Fetch Metadata.
 */
const singleHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'content-type',
  'host',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'origin',
  'proxy-authorization',
  'range',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'sec-websocket-key',
  'sec-websocket-version',
]);

function headersFromPairs(pairs: readonly string[]): Record<string, string | readonly string[]> {
  const headers = emptyHeaders();
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = (pairs[index] ?? '').toLowerCase();
    if (name.startsWith(':')) continue;
    const value = pairs[index + 1] ?? '';
    const earlier = headers[name];
    if (earlier === undefined) headers[name] = value;
    else if (singleHeaders.has(name)) {
      throw new MalformedRequestError(`the header "${name}" came more than once; send it once`);
    } else if (name === 'cookie') headers[name] = `${String(earlier)}; ${value}`;
    else if (typeof earlier === 'string') headers[name] = [earlier, value];
    else (earlier as string[]).push(value);
  }
  return headers;
}

/** A client that takes us for a forward proxy names the host in the line. Source: RFC 9112 §3.2.2. */
function splitAbsoluteForm(url: string): { target: string; host?: string } {
  const match = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url);
  if (match === null) return { target: url };
  const [, host = '', rest = ''] = match;
  return { target: rest.startsWith('/') ? rest : `/${rest}`, host };
}

function splitTarget(target: string): { path: string; query: string } {
  if (!target.startsWith('/')) {
    throw new MalformedRequestError('the request target must be a path that starts with "/"');
  }
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

// Leaving early must not destroy the stream, because the answer leaves through it too. A stream
// that was reset ends like a complete one, hence `isCut`.
async function* readBody(stream: Readable, isCut: () => boolean): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  if (isCut()) throw new Error('the request body ended early: the caller went away');
}
