import type { IncomingHttpHeaders } from 'node:http2';
import { type HttpHeaders, type HttpRequest, connectionHeaders } from '@fairway/protocol';
import { targetOf } from '../http1/request-head.ts';

/** The headers of a request as HTTP/2 sends them. */
export function http2Headers(request: HttpRequest, server: URL): Record<string, string | string[]> {
  const { method, headers, body } = request;
  const sent: Record<string, string | string[]> = {
    ':method': method,
    ':scheme': server.protocol.slice(0, -1),
    ':authority': server.host,
    ':path': targetOf(request),
  };
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'host') sent[':authority'] = String(value);
    else if (!connectionHeaders.has(name))
      sent[name] = typeof value === 'string' ? value : [...value];
  }
  if (body instanceof Uint8Array) sent['content-length'] = String(body.length);
  return sent;
}

/** The headers of an answer, without those that only HTTP/2 has. */
export function plainHeaders(headers: IncomingHttpHeaders): HttpHeaders {
  const plain: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':')) plain[name] = value;
  }
  return plain;
}
