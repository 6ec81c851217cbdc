import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { type HttpResponse, connectionHeaders } from '@fairway/protocol';
import { type PumpOptions, piecesOf, pumpBody, releaseBody } from './pump-body.ts';

/**
 * Sends a response on an HTTP/2 stream. Resolves when the last byte was handed to the stream, or
 * when the stream closed before.
 *
 * Errors: what the body throws, and headers that cannot be sent; the stream is the caller's to reset.
 */
export async function writeHttp2Response(
  stream: ServerHttp2Stream,
  response: HttpResponse,
  options: PumpOptions & { readonly isHead: boolean },
): Promise<void> {
  const { body } = response;
  if (stream.destroyed || stream.closed) return releaseBody(body);
  const headers = sendableHeaders(response, options);
  headers[':status'] = response.status;
  if (options.isHead || !mayHaveBody(response.status) || isEmpty(body)) {
    releaseBody(body);
    stream.respond(headers, { endStream: true });
  } else if (isOnePiece(body)) {
    stream.respond(headers);
    endWith(body, stream, options);
  } else {
    stream.respond(headers);
    if ((await pumpBody(piecewise(body), stream, options)) === 'finished') stream.end();
  }
}

/** The same for HTTP/1.1; `isClosing` announces that the connection ends with this response. */
export async function writeHttp1Response(
  target: ServerResponse,
  response: HttpResponse,
  options: PumpOptions & { readonly isHead: boolean; readonly isClosing: boolean },
): Promise<void> {
  const { body } = response;
  if (target.destroyed) return releaseBody(body);
  const headers = sendableHeaders(response, options);
  if (options.isClosing) headers['connection'] = 'close';
  target.writeHead(response.status, headers);
  if (options.isHead || !mayHaveBody(response.status) || isEmpty(body)) {
    releaseBody(body);
    target.end();
  } else if (body instanceof Uint8Array && body.length < countedBytesMin) {
    target.end(asText(body), 'latin1');
  } else if (isOnePiece(body)) {
    endWith(body, target, options);
  } else {
    // The head is bytes, one for each character, which `flushHeaders` would encode anew.
    target.write('', 'latin1');
    if ((await pumpBody(piecewise(body), target, options)) === 'finished') target.end();
  }
}

function isEmpty(body: HttpResponse['body']): body is undefined {
  return body === undefined || (body instanceof Uint8Array && body.length === 0);
}

/** A body that is there as a whole and is larger goes out at the pace of its reader. */
const onePieceBytesMax = 64 * 1024;
/** Smaller ones are not worth counting: the books would be larger than they. */
const countedBytesMin = 4 * 1024;

function endWith(body: Uint8Array, sink: Writable, { unread }: PumpOptions): void {
  sink.end(body);
  if (body.length < countedBytesMin) return;
  sink.once(
    'close',
    unread.hold(body.length, () => void sink.destroy()),
  );
}

/** Node.js writes text together with the head, in one piece; for bytes it takes a third more of the CPU. */
function asText(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
}

function isOnePiece(body: HttpResponse['body']): body is Uint8Array {
  return body instanceof Uint8Array && body.length <= onePieceBytesMax;
}

function piecewise(body: NonNullable<HttpResponse['body']>): AsyncIterable<Uint8Array> {
  return body instanceof Uint8Array ? piecesOf(body) : body;
}

function mayHaveBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

function sendableHeaders(
  response: HttpResponse,
  { isHead }: { readonly isHead: boolean },
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const name in response.headers) {
    const value = response.headers[name];
    if (value === undefined || connectionHeaders.has(name)) continue;
    headers[name] = typeof value === 'string' ? value : [...value];
  }
  const { body, status } = response;
  if (headers['content-length'] === undefined && mayHaveBody(status)) {
    // Of an answer to HEAD, nothing says how long the one to GET would be.
    if (body === undefined && !isHead) headers['content-length'] = '0';
    if (body instanceof Uint8Array) headers['content-length'] = String(body.length);
  }
  return headers;
}
