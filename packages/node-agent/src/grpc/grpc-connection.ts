import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  connect as connectHttp2,
} from 'node:http2';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '@fairway/host';
import { GrpcError, grpcCodes } from './grpc-error.ts';
import { MessageFrames, encodeMessageFrame } from './message-frames.ts';

/** What one call may take. */
export interface GrpcBounds {
  readonly timeoutMs: number;
  readonly messageBytesMax: number;
  /** Headers of the request beside the usual ones. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Where a server listens. */
export type GrpcAddress =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      /** The one connection, where it is made already. */
      readonly socket?: Duplex;
    };

/**
 * Calls to a gRPC server, without TLS. Connects with the first call, and anew after the
 * server was away.
 *
 * Errors: `GrpcError` from every call.
 *
 * Source: gRPC over HTTP/2, PROTOCOL-HTTP2.md.
 */
export class GrpcConnection implements Disposable {
  readonly #address: GrpcAddress;
  readonly #clock: Clock;
  #session: ClientHttp2Session | undefined;
  #isClosed = false;

  constructor({ clock, ...address }: GrpcAddress & { readonly clock: Clock }) {
    this.#address = address;
    this.#clock = clock;
  }

  /** Sends one message and answers the one that comes back. `path`: `/package.Service/Method`. */
  async call(path: string, message: Uint8Array, bounds: GrpcBounds): Promise<Uint8Array> {
    const { timeoutMs, messageBytesMax, metadata } = bounds;
    const stream = this.#open(path, message, metadata);
    const timer = this.#clock.schedule(timeoutMs, () => {
      const late = `${path}: no answer within ${timeoutMs} ms`;
      stream.destroy(new GrpcError(grpcCodes.deadlineExceeded, late));
    });
    try {
      let answer: Uint8Array | undefined;
      for await (const each of this.#messages(path, stream, messageBytesMax)) answer ??= each;
      if (answer !== undefined) return answer;
      throw new GrpcError(grpcCodes.internal, `${path}: the server says nothing`);
    } finally {
      timer.cancel();
    }
  }

  /** Sends one message and answers all that come back, until the server ends or `signal` aborts. */
  async *follow(
    path: string,
    message: Uint8Array,
    bounds: Pick<GrpcBounds, 'messageBytesMax'> & { readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array, undefined> {
    const { messageBytesMax, signal } = bounds;
    signal.throwIfAborted();
    const stream = this.#open(path, message);
    const onAbort = (): void => void stream.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      yield* this.#messages(path, stream, messageBytesMax);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Cuts what is under way. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#session?.destroy();
  }

  async *#messages(
    path: string,
    stream: ClientHttp2Stream,
    messageBytesMax: number,
  ): AsyncGenerator<Uint8Array, undefined> {
    let last: IncomingHttpHeaders = {};
    stream.once('response', (headers) => (last = headers));
    stream.once('trailers', (headers) => (last = { ...last, ...headers }));
    const frames = new MessageFrames(messageBytesMax);
    try {
      for await (const chunk of stream) yield* frames.push(chunk as Uint8Array);
    } catch (cause) {
      throw cause instanceof GrpcError ? cause : this.#cut(path, cause);
    } finally {
      stream.destroy();
    }
    if (last[':status'] === undefined) throw this.#cut(path, 'the connection has ended');
    requireOk(path, last);
    if (!frames.isBetween) {
      throw new GrpcError(grpcCodes.internal, `${path}: the answer ends within a message`);
    }
  }

  #open(path: string, message: Uint8Array, metadata = {}): ClientHttp2Stream {
    if (this.#isClosed) throw new GrpcError(grpcCodes.unavailable, `${path}: closed here`);
    this.#session ??= this.#connect();
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...metadata,
    });
    stream.on('error', () => {}); // Whoever reads is told.
    stream.end(encodeMessageFrame(message));
    return stream;
  }

  #connect(): ClientHttp2Session {
    const session = connectHttp2('http://localhost', {
      createConnection: () =>
        'socketPath' in this.#address
          ? connect(this.#address.socketPath)
          : (this.#address.socket ?? connect(this.#address.port, this.#address.host)),
    });
    const leave = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    session.once('close', leave).once('goaway', leave);
    session.on('error', leave); // The calls under way are told.
    return session;
  }

  #cut(path: string, cause: unknown): GrpcError {
    const why = causeOf(cause);
    const place =
      'socketPath' in this.#address
        ? this.#address.socketPath
        : `${this.#address.host}:${this.#address.port}`;
    const message = `${place} does not answer ${path}: ${why}`;
    return new GrpcError(grpcCodes.unavailable, message, { cause });
  }
}

function requireOk(path: string, headers: IncomingHttpHeaders): void {
  const status = headers['grpc-status'];
  if (typeof status !== 'string') {
    const why = `${path}: no gRPC answers here, but HTTP ${headers[':status']}`;
    throw new GrpcError(grpcCodes.unavailable, why);
  }
  if (Number(status) === grpcCodes.ok) return;
  throw new GrpcError(Number(status), decodeMessage(String(headers['grpc-message'] ?? '')));
}

// Source: gRPC over HTTP/2, Percent-Encoded: malformed ones are taken as they are.
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Of a session that could not connect, its streams tell only that they were cancelled. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : causeOf(error.cause);
}
