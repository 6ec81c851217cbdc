import type { Socket } from 'node:net';
import { type Clock, OwnedTimers } from '@fairway/host';
import { type HttpRequest, type HttpResponse, isSafe } from '@fairway/protocol';
import { type Attempt, isLongRunning, isResendable } from './attempt.ts';
import { ConnectionError, clientClosed } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';
import { Http1Connection } from './http1-connection.ts';
import { cutShort } from './read-stream.ts';

/** What is needed to talk HTTP/1.1 to one server. */
export interface Http1Options {
  readonly server: URL;
  readonly clock: Clock;
  /** Opens one more connection. */
  readonly open: () => Promise<Socket>;
  /** See `ConnectionLimits`. */
  readonly waitingBytesMax?: number | undefined;
  readonly idleConnectionsMax?: number | undefined;
  readonly connectionsMax?: number | undefined;
}

/** Unless `ConnectionLimits` say otherwise. */
const idleConnectionsMaxByDefault = 25;
/** A connection without a request for so long is closed. */
const idleMs = 90_000;
const sweepIntervalMs = 10_000;

interface Idle {
  readonly connection: Http1Connection;
  readonly sinceMs: number;
}

interface Waiting {
  readonly resolve: (connection: Http1Connection) => void;
  readonly reject: (failure: unknown) => void;
}

/** Keep-alive connections to one server, one request at a time each. */
export class Http1Connections {
  readonly #options: Http1Options;
  /** The one that was used last is used next, so that the others grow old. */
  readonly #idle: Idle[] = [];
  readonly #open = new Set<Http1Connection>();
  /** Requests without a connection; the next one is for the first of them. */
  readonly #waiting: Waiting[] = [];
  readonly #timers: OwnedTimers;
  #idleConnectionsMax: number;
  #isSweeping = false;
  /** Connections that are not open yet. */
  #opening = 0;
  #offered: Socket | undefined;
  #isClosed = false;

  constructor(options: Http1Options) {
    const { idleConnectionsMax = idleConnectionsMaxByDefault, clock } = options;
    this.#options = options;
    this.#idleConnectionsMax = idleConnectionsMax;
    this.#timers = new OwnedTimers(clock);
  }

  /** True when a request that ends soon would not have to wait for another one. */
  get hasRoom(): boolean {
    const { connectionsMax = Infinity } = this.#options;
    return this.#idle.length > 0 || this.#open.size + this.#opening < connectionsMax;
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
      const connection = this.#takeIdle() ?? (await this.#next(attempt, isLongRunning(request)));
      const { isUsed } = connection;
      try {
        return await connection.send(request, attempt);
      } catch (error) {
        const isStale = isUsed && isCutUnanswered(error) && !attempt.signal.aborted;
        const isRepeatable = isSafe(request) && isResendable(request);
        if (!isStale || !isRepeatable || spare === 0) throw error;
      }
    }
  }

  /** Lets running requests finish, and keeps no connection after them. */
  retire(): void {
    this.#idleConnectionsMax = 0;
    for (const { connection } of this.#idle.splice(0)) connection.cut();
    this.#takeOffered()?.destroy();
    this.#timers[Symbol.dispose]();
  }

  /** Cuts everything. */
  close(): void {
    this.#isClosed = true;
    this.retire();
    for (const connection of this.#open) connection.cut();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#closedError());
  }

  #takeIdle(): Http1Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.connection.isUsable) return idle.connection;
      idle.connection.cut();
    }
    return undefined;
  }

  /**
   * The next connection that is opened or has become free. What takes one for long does not wait until
   * others are through: there might be no end to it.
   */
  #next({ signal }: Attempt, isLong: boolean): Promise<Http1Connection> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      if (this.#isClosed) return reject(this.#closedError());
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
      };
      const settled = (): void => signal.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        resolve: (connection) => {
          settled();
          resolve(connection);
        },
        reject: (failure) => {
          settled();
          reject(failure as Error);
        },
      };
      if (isLong) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
      if (isLong || this.hasRoom) this.#openOne();
    });
  }

  #openOne(): void {
    const offered = this.#takeOffered();
    if (offered !== undefined) return this.#begin(offered);
    this.#opening += 1;
    this.#options
      .open()
      .finally(() => (this.#opening -= 1))
      .then(
        (socket) => this.#begin(socket),
        (failure: unknown) => this.#fail(failure),
      );
  }

  // Whichever waits longest hears of it; the others have connections on their way, too.
  #fail(failure: unknown): void {
    const server = this.#options.server.origin;
    this.#waiting.shift()?.reject(explainFailure(failure, { server, isUnsent: true }));
  }

  #begin(socket: Socket): void {
    if (this.#isClosed) return void socket.destroy();
    if (socket.destroyed) return this.#fail(socket.errored ?? cutShort());
    const { server, waitingBytesMax } = this.#options;
    const connection = new Http1Connection(socket, {
      server,
      waitingBytesMax,
      onFree: (each) => this.#give(each),
      onClosed: (each) => this.#forget(each),
    });
    this.#open.add(connection);
    this.#give(connection);
  }

  #give(connection: Http1Connection): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.resolve(connection);
    if (this.#idleConnectionsMax === 0) return connection.cut();
    connection.rest();
    this.#idle.push({ connection, sinceMs: this.#options.clock.elapsed() });
    if (this.#idle.length > this.#idleConnectionsMax) this.#idle.shift()?.connection.cut();
    this.#sweepLater();
  }

  #forget(connection: Http1Connection): void {
    this.#open.delete(connection);
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#waiting.length > this.#opening && !this.#isClosed && this.hasRoom) this.#openOne();
  }

  #sweepLater(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#timers.schedule(sweepIntervalMs, () => {
      this.#isSweeping = false;
      const dueMs = this.#options.clock.elapsed() - idleMs;
      while ((this.#idle[0]?.sinceMs ?? Infinity) <= dueMs) this.#idle.shift()?.connection.cut();
      if (this.#idle.length > 0) this.#sweepLater();
    });
  }

  #takeOffered(): Socket | undefined {
    const socket = this.#offered;
    this.#offered = undefined;
    return socket?.destroyed === true && socket.errored === null ? undefined : socket;
  }

  #closedError(): ConnectionError {
    return clientClosed(this.#options.server.origin);
  }
}

function isCutUnanswered(error: unknown): boolean {
  return error instanceof ConnectionError && error.problem === 'reset';
}
