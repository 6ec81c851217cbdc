import type { Agent, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type HttpHeaders, type HttpRequest, type HttpResponse, isSafe } from '@fairway/protocol';
import { type Attempt, isResendable } from './attempt.ts';
import { clientClosed } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';
import { nodeHttp } from './node-http.ts';
import { type StreamFacts, readStream } from './read-stream.ts';

/** What is needed to talk HTTP/1.1 to one server. */
export interface Http1Options {
  readonly server: URL;
  /** Opens one more connection. */
  readonly open: () => Promise<Socket>;
  /** See `ConnectionLimits`. */
  readonly waitingBytesMax?: number | undefined;
  readonly idleConnectionsMax?: number | undefined;
}

/** Unless `ConnectionLimits` say otherwise. */
const idleConnectionsMaxByDefault = 25;

/** Keep-alive connections to one server, one request at a time each. */
export class Http1Connections {
  readonly #server: URL;
  readonly #agent: Agent;
  readonly #waitingBytesMax: number | undefined;
  readonly #idleConnectionsMax: number;
  #offered: Socket | undefined;
  #isClosed = false;

  constructor({ server, open, ...limits }: Http1Options) {
    const { waitingBytesMax, idleConnectionsMax = idleConnectionsMaxByDefault } = limits;
    this.#server = server;
    this.#waitingBytesMax = waitingBytesMax;
    this.#idleConnectionsMax = idleConnectionsMax;
    const options = {
      keepAlive: true,
      maxFreeSockets: idleConnectionsMax,
      scheduling: 'lifo',
    } as const;
    this.#agent = isSecure(server) ? new HttpsAgent(options) : new (nodeHttp().Agent)(options);
    this.#agent.createConnection = (_, done) => {
      const offered = this.#takeOffered();
      const opened = offered === undefined ? open() : usable(offered);
      // The agent's interface uses callbacks.
      const settle = (failure: Error | null, socket?: Socket): void =>
        done?.(failure, socket as Socket);
      void opened.then(
        (socket) => {
          if (!this.#isClosed) return settle(null, socket);
          socket.destroy();
          settle(clientClosed(server.origin));
        },
        (failure: Error) => settle(failure),
      );
      return undefined;
    };
  }

  /** Gives a connection that is open already to the next request. */
  offer(socket: Socket): void {
    this.#offered = socket;
    socket.unref();
  }

  /**
   * Sends a request and answers as soon as the head of the answer is there.
   *
   * A kept connection that the server closed meanwhile is not the caller's concern: what may be
   * repeated goes over another one.
   */
  async send(request: HttpRequest, attempt: Attempt): Promise<HttpResponse> {
    for (let spare = this.#idleConnectionsMax; ; spare--) {
      try {
        return await this.#exchange(request, attempt);
      } catch (error) {
        const isRepeatable = isSafe(request) && isResendable(request);
        if (!(error instanceof StaleConnection)) throw error;
        if (!isRepeatable || spare === 0) throw error.cause;
      }
    }
  }

  /** Lets running requests finish, and keeps no connection after them. */
  retire(): void {
    this.#agent.maxFreeSockets = 0;
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
    this.#takeOffered()?.destroy();
  }

  /** Cuts everything. */
  close(): void {
    this.#isClosed = true;
    this.#takeOffered()?.destroy();
    this.#agent.destroy();
  }

  #takeOffered(): Socket | undefined {
    const socket = this.#offered;
    this.#offered = undefined;
    return socket?.destroyed === true && socket.errored === null ? undefined : socket?.ref();
  }

  #exchange(request: HttpRequest, attempt: Attempt): Promise<HttpResponse> {
    const { signal } = attempt;
    const server = this.#server.origin;
    const send = isSecure(this.#server) ? requestHttps : nodeHttp().request;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      if (this.#isClosed) return reject(clientClosed(server));
      const outgoing = send({
        agent: this.#agent,
        method: request.method,
        path: targetOf(request),
        headers: http1Headers(request, this.#server),
        setHost: false,
      });
      const onAbort = (): void => {
        outgoing.destroy();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      outgoing.once('response', (incoming) => {
        attempt.heard();
        const waitingBytesMax = this.#waitingBytesMax;
        const body = readIncoming(incoming, { attempt, server, waitingBytesMax });
        resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body });
      });
      outgoing.once('upgrade', (_incoming, socket) => {
        socket.destroy();
        const cause = new Error('the server changed the protocol, which nobody asked for');
        reject(explainFailure(cause, { server }));
      });
      outgoing.once('close', () => signal.removeEventListener('abort', onAbort));
      outgoing.on('error', (cause) => {
        const failure = explainFailure(cause, { server });
        const isStale = outgoing.reusedSocket && failure.problem === 'reset';
        reject(isStale ? new StaleConnection(failure) : failure);
      });
      sendBody(request, outgoing);
    });
  }
}

/** The server closed a kept connection just when it was used again. */
class StaleConnection extends Error {
  override readonly cause: Error;

  constructor(cause: Error) {
    super(cause.message);
    this.cause = cause;
  }
}

/** Path and query as they are in a request line. */
export function targetOf({ path, query }: HttpRequest): string {
  return query === '' ? path : `${path}?${query}`;
}

/** Headers for Node.js, with the host and the length that HTTP/1.1 wants. */
export function http1Headers(
  { headers, body, method }: HttpRequest,
  server: URL,
): OutgoingHttpHeaders {
  const sent: OutgoingHttpHeaders = { host: server.host };
  for (const [name, value] of Object.entries(headers)) {
    sent[name] = typeof value === 'string' ? value : [...value];
  }
  if (body instanceof Uint8Array) sent['content-length'] = body.length;
  else if (body === undefined) {
    if (method !== 'GET') sent['content-length'] = 0;
  } else if (sent['content-length'] === undefined) {
    // Node.js frames no body of a DELETE, and a server would take it for the next request.
    sent['transfer-encoding'] = 'chunked';
  }
  return sent;
}

/** The headers of an answer. */
export function headersOf({ headers }: IncomingMessage): HttpHeaders {
  const known: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) known[name] = value;
  return known;
}

/** Writes a body at the pace of the connection. Failures are reported by the connection. */
export function sendBody({ body }: HttpRequest, outgoing: Writable): void {
  if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
  else pipeline(Readable.from(body), outgoing).catch((error: Error) => outgoing.destroy(error));
}

/** The bytes of an answer. Leaving early closes the connection. */
export function readIncoming(
  incoming: IncomingMessage,
  from: Pick<StreamFacts, 'attempt' | 'server' | 'waitingBytesMax'>,
): AsyncIterable<Uint8Array> {
  return readStream(incoming, { ...from, isCut: () => !incoming.complete });
}

function isSecure(server: URL): boolean {
  return server.protocol === 'https:';
}

async function usable(socket: Socket): Promise<Socket> {
  if (socket.errored) throw socket.errored;
  return socket;
}
