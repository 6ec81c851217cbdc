import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ServerHttp2Stream, constants } from 'node:http2';
import type { Clock, Logger } from '@fairway/host';
import {
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type Peer,
  badRequest,
} from '@fairway/protocol';
import { errorResponse, statusResponse } from './filters/report-errors.ts';
import {
  type Http2Head,
  MalformedRequestError,
  readHttp1Request,
  readHttp2Request,
} from './read-node-request.ts';
import type { ServingLimits } from './serving-limits.ts';
import type { UnreadBytes } from './unread-bytes.ts';
import { writeHttp1Response, writeHttp2Response } from './write-node-response.ts';

/** What answering takes; the same for every request of a connection. */
export interface AnswerOptions {
  readonly handler: Handler;
  readonly limits: ServingLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly unread: UnreadBytes;
  readonly peer: Peer;
  /** True once the server stops: this response is the last of its connection. */
  readonly isClosing: () => boolean;
}

/** Answers one HTTP/2 request. Never throws. */
export async function answerHttp2(
  stream: ServerHttp2Stream,
  head: Http2Head,
  options: AnswerOptions,
): Promise<void> {
  const caller = new AbortController();
  let isAnswered = false;
  stream.on('error', () => {}); // A reset; `close` follows and reaches whom it concerns.
  stream.once('close', () => {
    // A reset finishes the writable side too, so `finished` does not tell whether everything was
    // sent.
    if (!isAnswered) caller.abort();
  });
  const { peer } = options;
  const response = await callHandler(
    () => readHttp2Request(stream, head, { peer, signal: caller.signal }),
    options,
  );
  if (!stream.endAfterHeaders) stream.once('finish', () => discardUnread(stream));
  try {
    await writeHttp2Response(stream, response, {
      clock: options.clock,
      writeStallMs: options.limits.writeStallMs,
      unread: options.unread,
      isHead: head.headers[':method'] === 'HEAD',
    });
    isAnswered = true;
  } catch (error) {
    logCut(error, { logger: options.logger, path: head.headers[':path'], signal: caller.signal });
    // Not `close`, which would first end the stream as if the response were complete.
    stream.destroy(new Error('the response was cut off', { cause: error }));
  }
}

/** Answers one HTTP/1.1 request. Never throws. */
export async function answerHttp1(
  message: IncomingMessage,
  target: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  const { limits, clock, peer } = options;
  const { socket } = message;
  const caller = new AbortController();
  message.on('error', ignore); // Whoever reads the body hears of it there.
  target.on('error', ignore);
  target.on('close', () => {
    if (!target.writableFinished) caller.abort();
  });
  target.on('finish', () => {
    if (options.isClosing()) socket.end();
    else if (!message.complete) {
      const timer = clock.schedule(limits.unreadBodyLingerMs, () => socket.destroy());
      message.once('close', () => timer.cancel());
      // Node.js tells a body nothing any more, and somebody may still read it.
      socket.once('close', () => message.destroy());
    }
  });
  const response = await callHandler(
    () => readHttp1Request(message, { peer, signal: caller.signal }),
    options,
  );
  try {
    await writeHttp1Response(target, response, {
      clock,
      writeStallMs: limits.writeStallMs,
      unread: options.unread,
      isHead: message.method === 'HEAD',
      isClosing: options.isClosing(),
    });
  } catch (error) {
    logCut(error, { logger: options.logger, path: message.url, signal: caller.signal });
    socket.destroy();
  }
}

/** What to tell a caller whose request failed outside of every filter. */
export function responseOf(
  error: unknown,
  request: HttpRequest | undefined,
  logger: Logger,
): HttpResponse {
  if (error instanceof MalformedRequestError) return statusResponse(badRequest(error.message));
  if (request === undefined) throw error;
  return errorResponse(error, request, logger);
}

async function callHandler(
  read: () => HttpRequest,
  { handler, logger }: AnswerOptions,
): Promise<HttpResponse> {
  let request: HttpRequest | undefined;
  try {
    request = read();
    return await handler(request);
  } catch (error) {
    return responseOf(error, request, logger);
  }
}

// The response is complete, so the rest of the upload has no reader. Source: RFC 9113 §8.1.
function discardUnread(stream: ServerHttp2Stream): void {
  if (stream.readableEnded || stream.destroyed) return;
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}

function logCut(
  error: unknown,
  { logger, path, signal }: { logger: Logger; path: string | undefined; signal: AbortSignal },
): void {
  if (!signal.aborted) logger.error('response cut off', { path: path?.split('?')[0], error });
}

function ignore(): void {}
