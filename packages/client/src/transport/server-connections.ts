import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Secret } from '@fairway/host';
import type { HttpRequest, HttpResponse, UpgradeAnswer } from '@fairway/protocol';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import { type Attempt, untilAborted } from './attempt.ts';
import { explainFailure } from './explain-failure.ts';
import {
  Http1Connections,
  headersOf,
  http1Headers,
  readIncoming,
  targetOf,
} from './http1-connections.ts';
import type { Http2Sessions } from './http2-sessions.ts';
import { nodeHttp } from './node-http.ts';
import { openSocket } from './open-socket.ts';
import type { TlsPlan } from './socket-plan.ts';

/** Bounds on what connecting may take. */
export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** What of an answer over HTTP/1.1 may wait for its reader; absent: 256 KiB. */
  readonly waitingBytesMax?: number;
  /** Connections over HTTP/1.1 that have no request: more are closed; absent: 25. */
  readonly idleConnectionsMax?: number;
}

/** What connections of one identity to one server are made of. */
export interface ConnectionPlan extends ConnectionLimits {
  readonly server: URL;
  readonly tls?: TlsPlan;
  readonly proxyUrl?: Secret | undefined;
  /** See `SocketPlan`. */
  readonly openStream?: (() => Promise<Duplex>) | undefined;
  readonly clock: Clock;
  readonly isHttp2Wanted: boolean;
}

/**
 * All connections of one identity to one server. The first of them finds out which HTTP the server
 * speaks, and is used for the first request.
 */
export class ServerConnections {
  readonly #plan: ConnectionPlan;
  readonly #http1: Http1Connections;
  #wire: Promise<Http1Connections | Http2Sessions> | undefined;
  #isClosed = false;

  constructor(plan: ConnectionPlan) {
    this.#plan = plan;
    const { server, waitingBytesMax, idleConnectionsMax } = plan;
    const open = (): Promise<Socket> => this.#open(['http/1.1']);
    this.#http1 = new Http1Connections({ server, open, waitingBytesMax, idleConnectionsMax });
  }

  async send(request: HttpRequest, attempt: Attempt): Promise<HttpResponse> {
    this.#wire ??= this.#findOut();
    const wire = await untilAborted(this.#wire, attempt.signal);
    return wire.send(request, attempt);
  }

  /** Asks for another protocol than HTTP, on a connection of its own. */
  async upgrade(request: HttpRequest, attempt: Attempt): Promise<UpgradeAnswer> {
    const { signal } = attempt;
    const server = this.#plan.server.origin;
    const socket = await openSocket(this.#plan, ['http/1.1'], signal);
    return new Promise((resolve, reject) => {
      const outgoing = nodeHttp().request({
        method: request.method,
        path: targetOf(request),
        headers: { connection: 'Upgrade', ...http1Headers(request, this.#plan.server) },
        setHost: false,
        createConnection: () => socket,
      });
      const onAbort = (): void => {
        socket.destroy();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      socket.once('close', () => {
        signal.removeEventListener('abort', onAbort);
        attempt.end();
      });
      outgoing.once('upgrade', (incoming, stream, head) => {
        attempt.heard();
        const headers = headersOf(incoming);
        resolve({ kind: 'accepted', headers, stream: byteStreamOf(stream, head) });
      });
      outgoing.once('response', (incoming) => {
        attempt.heard();
        const { waitingBytesMax } = this.#plan;
        const body = readIncoming(incoming, { attempt, server, waitingBytesMax });
        const status = incoming.statusCode ?? 0;
        resolve({ kind: 'refused', response: { status, headers: headersOf(incoming), body } });
      });
      outgoing.on('error', (cause) => reject(explainFailure(cause, { server })));
      outgoing.end();
    });
  }

  /** Lets running requests finish, and keeps no connection after them. */
  retire(): void {
    this.#isClosed = true;
    this.#http1.retire();
    this.#wire?.then((wire) => wire.retire(), ignore);
  }

  /** Cuts everything. */
  close(): void {
    this.#isClosed = true;
    this.#http1.close();
    this.#wire?.then((wire) => wire.close(), ignore);
  }

  async #findOut(): Promise<Http1Connections | Http2Sessions> {
    const { server, isHttp2Wanted, clock, handshakeTimeoutMs } = this.#plan;
    if (server.protocol === 'http:' || !isHttp2Wanted) return this.#http1;
    try {
      const socket = await this.#open(['h2', 'http/1.1']);
      if (this.#isClosed) socket.destroy();
      if (!speaksHttp2(socket)) {
        this.#http1.offer(socket);
        return this.#http1;
      }
      const open = (): Promise<Socket> => this.#open(['h2']);
      // Loading it takes longer than all else here, so those who need it load it.
      const [http2, own] = await Promise.all([import('node:http2'), import('./http2-sessions.ts')]);
      const sessions = new own.Http2Sessions({ server, clock, open, http2, handshakeTimeoutMs });
      sessions.offer(socket);
      return sessions;
    } catch (error) {
      // The next request finds out anew.
      this.#wire = undefined;
      throw error;
    }
  }

  #open(alpn: readonly string[]): Promise<Socket> {
    return openSocket(this.#plan, alpn);
  }
}

function speaksHttp2(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
}

function ignore(): void {}
