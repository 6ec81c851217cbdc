import { isUtf8 } from 'node:buffer';
import {
  type Handler,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  type UpgradeHandler,
  endToEndHeaders,
  headerOf,
} from '@fairway/protocol';

/** A way to another server: both seams. */
export interface Upstream {
  readonly send: Handler;
  readonly upgrade: UpgradeHandler;
}

/** How requests go on to another server, and its answers back. */
export interface Forwarding<Request extends HttpRequest = HttpRequest> {
  readonly to: Upstream;
  /** The request as the other server gets it. */
  readonly requestOf: (request: Request) => HttpRequest;
  /** The answer as the caller gets it, from one that has end-to-end headers only; absent: as it is. */
  readonly responseOf?: (response: HttpResponse, request: Request) => HttpResponse;
  /** What is thrown when there is no answer. */
  readonly failureOf: (failure: unknown, request: Request) => unknown;
}

/**
 * Sends requests on. Bodies pass as they come, in both directions and at the pace of their readers; a
 * caller that goes away ends the request upstream.
 */
export function forwardRequest<Request extends HttpRequest>(
  forwarding: Forwarding<Request>,
): Handler<Request> {
  const { to, requestOf, failureOf } = forwarding;
  return async (request) => {
    const asked = requestOf(request);
    const sent = { ...asked, headers: textHeaders(asked.headers) };
    const response = await to.send(sent).catch((failure: unknown) => {
      throw failureOf(failure, request);
    });
    return returned(response, request, forwarding);
  };
}

/** Sends upgrades on, and answers with the stream that comes of it. */
export function forwardUpgrade<Request extends HttpRequest>(
  forwarding: Forwarding<Request>,
): UpgradeHandler<Request> {
  const { to, requestOf, failureOf } = forwarding;
  return async (request) => {
    const sent = requestOf(request);
    // There is no body, and who is told of one would take it from the new protocol.
    const { 'content-length': _, ...headers } = sent.headers;
    const upgrade = headerOf(request.headers, 'upgrade') ?? '';
    const asked = { ...sent, headers: { ...textHeaders(headers), upgrade }, body: undefined };
    const answer = await to.upgrade(asked).catch((failure: unknown) => {
      throw failureOf(failure, request);
    });
    if (answer.kind === 'refused') {
      return { kind: 'refused', response: returned(answer.response, request, forwarding) };
    }
    const { upgrade: protocol = '' } = answer.headers;
    return { ...answer, headers: { ...endToEndHeaders(answer.headers), upgrade: protocol } };
  };
}

/**
 * Values of headers as text. A server has their bytes, each as a character, and a client sends text as UTF-8.
 */
function textHeaders(headers: HttpHeaders): HttpHeaders {
  let texts: Record<string, string | readonly string[]> | undefined;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || !isBeyondAscii(value)) continue;
    texts ??= { ...headers };
    texts[name] = typeof value === 'string' ? textOf(value) : value.map(textOf);
  }
  return texts ?? headers;
}

function isBeyondAscii(value: string | readonly string[]): boolean {
  return typeof value === 'string' ? /[^\0-\x7f]/.test(value) : value.some(isBeyondAscii);
}

/** What is no UTF-8 is taken for Latin 1. */
function textOf(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : value;
}

function returned<Request extends HttpRequest>(
  response: HttpResponse,
  request: Request,
  { responseOf }: Forwarding<Request>,
): HttpResponse {
  const passed = { ...response, headers: endToEndHeaders(response.headers) };
  return responseOf === undefined ? passed : responseOf(passed, request);
}
