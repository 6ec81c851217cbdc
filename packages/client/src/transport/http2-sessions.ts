import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '@fairway/host';
import type { HttpRequest, HttpResponse } from '@fairway/protocol';
import { type Attempt, isResendable, untilAborted } from './attempt.ts';
import { ConnectionError, clientClosed } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';
import { http2Headers, plainHeaders } from './http2-headers.ts';
import { type SessionUse, careForSession } from './http2-session-care.ts';
import { cutShort, readStream } from './read-stream.ts';
import { watchStreamEnd } from './watch-stream-end.ts';

/** What is needed to talk HTTP/2 to one server. */
export interface Http2Options {
  readonly server: URL;
  readonly clock: Clock;
  /** Opens one more connection, with `h2` agreed on. */
  readonly open: () => Promise<Socket>;
  /** `node:http2`: loaded by those who need it, because it is slow to load. */
  readonly http2: typeof import('node:http2');
  /** Bound on the wait for the server's settings. */
  readonly handshakeTimeoutMs: number;
}

/** The number of streams used when the server announces no limit. */
const streamsMax = 100;
/** How often a request that a session did not take is given to another one. */
const triesMax = 4;
const streamWindowBytes = 1024 * 1024;
const sessionWindowBytes = 16 * 1024 * 1024;

const refusedStream = 7;
const cancel = 8;

/** A session, or the promise of one, and how many streams are on it. */
interface Slot extends SessionUse {
  /** Watches have sessions of their own: they stay, and would use up the streams of the others. */
  readonly isForWatches: boolean;
  readonly ready: Promise<ClientHttp2Session>;
  capacity: number;
}

/** Sessions to one server, each with many requests at a time. */
export class Http2Sessions {
  readonly #options: Http2Options;
  readonly #slots = new Set<Slot>();
  #offered: Socket | undefined;
  #isRetired = false;
  #isClosed = false;
  /** How many streams the last session was allowed; assumed for the next one. */
  #capacity = streamsMax;

  constructor(options: Http2Options) {
    this.#options = options;
  }

  /** Gives a connection that is open already to the next session. */
  offer(socket: Socket): void {
    this.#offered = socket;
    socket.unref();
  }

  /** Sends a request and answers as soon as the head of the answer is there. */
  async send(request: HttpRequest, attempt: Attempt): Promise<HttpResponse> {
    for (let tries = 1; ; tries++) {
      const { slot, session } = await this.#sessionWithRoom(attempt);
      try {
        return await this.#exchange({ slot, session }, request, attempt);
      } catch (error) {
        this.#release(slot);
        const isUnsent = error instanceof ConnectionError && error.isUnsent;
        if (!isUnsent || !isResendable(request) || tries === triesMax) throw error;
      }
    }
  }

  // More may wait for a session than it turns out to take; the others go on to the next one.
  async #sessionWithRoom({
    signal,
    isLong,
  }: Attempt): Promise<{ readonly slot: Slot; readonly session: ClientHttp2Session }> {
    while (true) {
      const slot = this.#acquire(isLong);
      try {
        const session = await untilAborted(slot.ready, signal);
        if (slot.streams <= slot.capacity) return { slot, session };
      } catch (error) {
        this.#release(slot);
        throw error;
      }
      this.#release(slot);
    }
  }

  /** Lets running requests finish, and closes each session after its last. */
  retire(): void {
    this.#isRetired = true;
    this.#offered?.destroy();
    for (const slot of this.#slots) slot.ready.then((session) => session.close(), ignore);
  }

  /** Cuts everything. */
  close(): void {
    this.#isRetired = true;
    this.#isClosed = true;
    this.#offered?.destroy();
    for (const slot of this.#slots) {
      slot.isClosed = true;
      slot.ready.then((session) => session.destroy(), ignore);
    }
  }

  #acquire(isForWatches: boolean): Slot {
    if (this.#isClosed) throw clientClosed(this.#options.server.origin);
    for (const slot of this.#slots) {
      const hasRoom = !slot.isClosed && slot.streams < slot.capacity;
      if (!hasRoom || slot.isForWatches !== isForWatches) continue;
      slot.streams += 1;
      return slot;
    }
    const slot: Slot = {
      isForWatches,
      ready: Promise.resolve().then(() => this.#openSession(slot)),
      streams: 1,
      capacity: this.#capacity,
      isClosed: false,
      heardAtMs: 0,
    };
    this.#slots.add(slot);
    slot.ready.catch(() => this.#drop(slot));
    return slot;
  }

  #release(slot: Slot): void {
    slot.streams -= 1;
    if (slot.streams > 0 || slot.isClosed) return;
    slot.ready.then((session) => {
      if (slot.streams > 0) return;
      session.unref();
      if (this.#isRetired) session.close();
    }, ignore);
  }

  #drop(slot: Slot): void {
    slot.isClosed = true;
    this.#slots.delete(slot);
  }

  async #openSession(slot: Slot): Promise<ClientHttp2Session> {
    const { server, open, http2, clock } = this.#options;
    const socket = this.#takeOffered() ?? (await open());
    if (this.#isClosed) {
      socket.destroy();
      throw clientClosed(server.origin);
    }
    const session = http2.connect(server.origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    });
    session.on('error', ignore).once('close', () => this.#drop(slot));
    // A refusal of TLS that comes after the handshake does not reach the session by itself.
    socket.once('error', (error) => {
      this.#drop(slot);
      session.destroy(error);
    });
    session.once('goaway', () => (slot.isClosed = true));
    session.on('remoteSettings', ({ maxConcurrentStreams = streamsMax }) => {
      slot.capacity = Math.max(1, Math.min(streamsMax, maxConcurrentStreams));
      this.#capacity = slot.capacity;
    });
    await this.#firstSettings(session, socket);
    session.setLocalWindowSize(sessionWindowBytes);
    slot.heardAtMs = clock.elapsed();
    careForSession(session, slot, this.#options);
    if (slot.streams === 0) session.unref();
    return session;
  }

  // The settings say how many streams the server takes; to send more would mean to wait in a queue.
  #firstSettings(session: ClientHttp2Session, socket: Socket): Promise<void> {
    const { clock, handshakeTimeoutMs, server } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.schedule(handshakeTimeoutMs, () => {
        session.destroy();
        fail(this.#unsent(`HTTP/2 did not begin within ${handshakeTimeoutMs} ms`, 'timeout'));
      });
      const fail = (cause: unknown): void => {
        timer.cancel();
        reject(explainFailure(cause, { server: server.origin, isUnsent: true }));
      };
      session.once('remoteSettings', () => {
        timer.cancel();
        resolve();
      });
      socket.once('error', fail);
      session.once('error', fail);
      session.once('close', () => fail(this.#unsent('the connection was closed at once')));
    });
  }

  #exchange(
    { slot, session }: { readonly slot: Slot; readonly session: ClientHttp2Session },
    request: HttpRequest,
    attempt: Attempt,
  ): Promise<HttpResponse> {
    const server = this.#options.server.origin;
    const { signal } = attempt;
    return new Promise((resolve, reject) => {
      const stream = this.#openStream(session, request);
      const isCut = watchStreamEnd(stream);
      let isAnswered = false;
      const fail = (cause: unknown): void => {
        if (isAnswered) return;
        if (signal.aborted) return reject(signal.reason as Error);
        reject(explainFailure(cause, { server, isUnsent: stream.rstCode === refusedStream }));
      };
      const onAbort = (): void => {
        stream.close(cancel);
        stream.destroy();
        fail(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      stream.on('error', fail);
      stream.once('close', () => {
        signal.removeEventListener('abort', onAbort);
        if (isAnswered) this.#release(slot);
        else fail(cutShort());
      });
      stream.once('response', (headers) => {
        isAnswered = true;
        attempt.heard();
        const onChunk = (): void => {
          slot.heardAtMs = this.#options.clock.elapsed();
        };
        onChunk();
        const body = readStream(stream, { server, attempt, isCut, onChunk });
        resolve({ status: Number(headers[':status'] ?? 0), headers: plainHeaders(headers), body });
      });
      sendBody(request, stream);
    });
  }

  #openStream(session: ClientHttp2Session, request: HttpRequest): ClientHttp2Stream {
    const { server } = this.#options;
    try {
      session.ref();
      return session.request(http2Headers(request, server), {
        endStream: request.body === undefined,
      });
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : '';
      const isSessionGone = /GOAWAY|INVALID_SESSION|SESSION|OUT_OF_STREAMS/.test(String(code));
      throw explainFailure(cause, { server: server.origin, isUnsent: isSessionGone });
    }
  }

  #takeOffered(): Socket | undefined {
    const socket = this.#offered;
    this.#offered = undefined;
    if (socket?.errored) {
      throw explainFailure(socket.errored, { server: this.#options.server.origin, isUnsent: true });
    }
    return socket?.destroyed === true ? undefined : socket?.ref();
  }

  #unsent(what: string, problem: 'reset' | 'timeout' = 'reset'): ConnectionError {
    const server = this.#options.server.origin;
    return new ConnectionError({ problem, message: `${server}: ${what}`, server, isUnsent: true });
  }
}

/** Writes a body at the pace of the connection. Failures are reported by the connection. */
function sendBody({ body }: HttpRequest, outgoing: Writable): void {
  if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
  else pipeline(Readable.from(body), outgoing).catch((error: Error) => outgoing.destroy(error));
}

function ignore(): void {}
