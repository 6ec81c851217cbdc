import type { Socket } from 'node:net';
import { type Clock, OwnedTimers } from '@fairway/host';
import { type HttpRequest, type HttpResponse, type UpgradeAnswer, isSafe } from '@fairway/protocol';
import { type Attempt, isResendable } from './attempt.ts';
import { ConnectionError, clientClosed } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';
import { Http1Connection } from './http1-connection.ts';
import { cutShort } from './read-stream.ts';

/** What is needed to talk HTTP/1.1 to one server. */
export interface Http1Options {
  readonly server: URL;
  readonly clock: Clock;
  /** Opens one more connection. */
  readonly open: (signal?: AbortSignal) => Promise<Socket>;
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
  /** Those of them that are taken for long: nobody waits because of them. */
  readonly #long = new Set<Http1Connection>();
  /** Requests without a connection; the next one is for the first of them. */
  readonly #waiting: Waiting[] = [];
  /** Requests without a connection that will take it for long: they come first. */
  readonly #waitingLong: Waiting[] = [];
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

  /** True when another request makes no more connections than there may be, of whatever kind. */
  get hasRoom(): boolean {
    const { connectionsMax = Infinity } = this.#options;
    return this.#idle.length > 0 || this.#open.size + this.#opening < connectionsMax;
  }

  /** How many more connections there may be for what ends soon; less than 0: there are too many. */
  get #roomLeft(): number {
    const { connectionsMax = Infinity } = this.#options;
    const long = this.#long.size + this.#waitingLong.length;
    return connectionsMax + long - this.#open.size - this.#opening;
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
      const connection = this.#takeIdle(attempt) ?? (await this.#next(attempt));
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

  /** Asks for another protocol, over a connection that is new. */
  async upgrade(request: HttpRequest, attempt: Attempt): Promise<UpgradeAnswer> {
    const connection = this.#track(await this.#options.open(attempt.signal));
    this.#long.add(connection);
    return connection.upgrade(request, attempt);
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
    for (const queue of [this.#waitingLong, this.#waiting]) {
      for (const { reject } of queue.splice(0)) reject(this.#closedError());
    }
  }

  #takeIdle({ isLong }: Attempt): Http1Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      const { connection } = idle;
      if (!connection.isUsable) {
        connection.cut();
        continue;
      }
      if (isLong) this.#long.add(connection);
      return connection;
    }
    return undefined;
  }

  /**
   * The next connection that is opened or has become free. What takes one for long does not wait until
   * others are through: there might be no end to it.
   */
  #next({ signal, isLong }: Attempt): Promise<Http1Connection> {
    const queue = isLong ? this.#waitingLong : this.#waiting;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      if (this.#isClosed) return reject(this.#closedError());
      const onAbort = (): void => {
        queue.splice(queue.indexOf(waiting), 1);
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
      queue.push(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
      if (isLong || this.#roomLeft > 0) this.#openOne();
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

  // Whichever waits longest hears of it.
  #fail(failure: unknown): void {
    const waiting = this.#waitingLong.shift() ?? this.#waiting.shift();
    waiting?.reject(this.#unsent(failure));
    this.#openNext();
  }

  #begin(socket: Socket): void {
    try {
      this.#give(this.#track(socket));
    } catch (failure) {
      this.#fail(failure);
    }
  }

  /** Errors: `ConnectionError`, when there is nothing that it could be used for. */
  #track(socket: Socket): Http1Connection {
    if (this.#isClosed) {
      socket.destroy();
      throw this.#closedError();
    }
    if (socket.destroyed) throw this.#unsent(socket.errored ?? cutShort());
    const { server, waitingBytesMax } = this.#options;
    const connection = new Http1Connection(socket, {
      server,
      waitingBytesMax,
      onFree: (each) => this.#give(each),
      onClosed: (each) => this.#forget(each),
    });
    this.#open.add(connection);
    return connection;
  }

  #give(connection: Http1Connection): void {
    this.#long.delete(connection);
    const long = this.#waitingLong.shift();
    if (long !== undefined) {
      this.#long.add(connection);
      return long.resolve(connection);
    }
    // What was taken for long was not counted.
    if (this.#roomLeft < 0) return connection.cut();
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
    this.#long.delete(connection);
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#openNext();
  }

  /** For those who wait and had no room. */
  #openNext(): void {
    const count = this.#waitingLong.length + this.#waiting.length;
    if (count > this.#opening && !this.#isClosed && this.#roomLeft > 0) this.#openOne();
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

  #unsent(failure: unknown): ConnectionError {
    return explainFailure(failure, { server: this.#options.server.origin, isUnsent: true });
  }

  #closedError(): ConnectionError {
    return clientClosed(this.#options.server.origin);
  }
}

function isCutUnanswered(error: unknown): boolean {
  return error instanceof ConnectionError && error.problem === 'reset';
}
