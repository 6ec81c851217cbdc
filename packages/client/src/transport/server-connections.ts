import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Secret } from '@fairway/host';
import type { HttpRequest, HttpResponse, UpgradeAnswer } from '@fairway/protocol';
import { type Attempt, untilAborted } from './attempt.ts';
import { ConnectionError } from './connection-error.ts';
import { Http1Connections } from './http1-connections.ts';
import type { Http2Sessions } from './http2-sessions.ts';
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
  /**
   * Connections over HTTP/1.1: more requests go over HTTP/2, if the server speaks it. Otherwise what
   * ends soon waits, and what may go on for long does neither wait nor count; absent: no bound.
   */
  readonly connectionsMax?: number;
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
  /** See `TransportOptions`. */
  readonly isHttp2ForWatchesOnly: boolean;
}

/**
 * All connections of one identity to one server. The first of them finds out which HTTP the server
 * speaks, and is used for the first request.
 */
export class ServerConnections {
  readonly #plan: ConnectionPlan;
  readonly #http1: Http1Connections;
  #wire: Promise<Http1Connections | Http2Sessions> | undefined;
  /** The server speaks HTTP/2 and nothing else. */
  #isHttp1Refused = false;
  #isClosed = false;

  constructor(plan: ConnectionPlan) {
    this.#plan = plan;
    const { server, clock, waitingBytesMax, idleConnectionsMax, connectionsMax } = plan;
    const limits = { waitingBytesMax, idleConnectionsMax, connectionsMax };
    const open = (signal?: AbortSignal): Promise<Socket> => this.#open(['http/1.1'], signal);
    this.#http1 = new Http1Connections({ server, clock, open, ...limits });
  }

  async send(request: HttpRequest, attempt: Attempt): Promise<HttpResponse> {
    if (this.#isForHttp1(request, attempt)) {
      try {
        return await this.#http1.send(request, attempt);
      } catch (error) {
        if (!isOtherProtocolWanted(error)) throw error;
        this.#isHttp1Refused = true;
      }
    }
    this.#wire ??= this.#findOut();
    const wire = await untilAborted(this.#wire, attempt.signal);
    return wire.send(request, attempt);
  }

  /** Asks for another protocol than HTTP, on a connection of its own. */
  upgrade(request: HttpRequest, attempt: Attempt): Promise<UpgradeAnswer> {
    return this.#http1.upgrade(request, attempt);
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

  #isForHttp1({ path }: HttpRequest, { isLong }: Attempt): boolean {
    const { isHttp2ForWatchesOnly } = this.#plan;
    if (!isHttp2ForWatchesOnly || this.#isHttp1Refused) return false;
    // Watches and logs that are followed. What answers behind `proxy` ends soon as a rule.
    const isQuiet = isLong && !/\/proxy(\/|$)/.test(path);
    return !isQuiet && this.#http1.hasRoom;
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

  #open(alpn: readonly string[], signal?: AbortSignal): Promise<Socket> {
    return openSocket(this.#plan, alpn, signal);
  }
}

// Source: RFC 7301 §3.2.
function isOtherProtocolWanted(error: unknown): boolean {
  const cause = error instanceof ConnectionError ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code.endsWith('_NO_APPLICATION_PROTOCOL');
}

function speaksHttp2(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
}

function ignore(): void {}
