import { type HttpRequest, connectionHeaders } from '@fairway/protocol';

/** How the server is told where the body of a request ends; a number: after so many bytes. */
export type RequestFraming = 'none' | 'chunked' | number;

/** Path and query as they are in a request line. */
export function targetOf({ path, query }: Pick<HttpRequest, 'path' | 'query'>): string {
  return query === '' ? path : `${path}?${query}`;
}

/**
 * How the body of a request is framed: by its length when that is known, else in chunks.
 *
 * What the caller says of framing counts only where it says how long a stream will be.
 */
export function requestFraming({ method, headers, body }: HttpRequest): RequestFraming {
  if (body instanceof Uint8Array) return body.length;
  // Source: RFC 9110 §8.6, methods that are expected to have a body say when they have none.
  if (body === undefined) return /^P(OST|UT|ATCH)$/.test(method) ? 0 : 'none';
  const { 'content-length': length } = headers;
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : 'chunked';
}

/**
 * The head of a request, as the text of its bytes. `upgrade`: the protocol that is asked for.
 *
 * Nothing in it is checked: see `wireRequest`.
 */
export function requestHead(
  request: HttpRequest,
  {
    host,
    framing,
    upgrade,
  }: {
    readonly host: string;
    readonly framing: RequestFraming;
    readonly upgrade?: string | undefined;
  },
): string {
  const { method, headers } = request;
  let head = `${method} ${targetOf(request)} HTTP/1.1\r\nhost: ${String(headers['host'] ?? host)}\r\n`;
  if (typeof framing === 'number') head += `content-length: ${framing}\r\n`;
  else if (framing === 'chunked') head += 'transfer-encoding: chunked\r\n';
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name === 'host' || name === 'content-length') continue;
    if (connectionHeaders.has(name)) continue;
    if (typeof value === 'string') head += `${name}: ${value}\r\n`;
    else for (const each of value) head += `${name}: ${each}\r\n`;
  }
  if (upgrade !== undefined) head += `connection: Upgrade\r\nupgrade: ${upgrade}\r\n`;
  return `${head}\r\n`;
}
