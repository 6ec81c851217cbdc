import type { Socket } from 'node:net';
import type { ByteStream, HttpRequest, HttpResponse, UpgradeAnswer } from '@fairway/protocol';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import { requestFraming, requestHead } from '../http1/request-head.ts';
import type { Attempt } from './attempt.ts';
import { type ExchangePlace, Http1Exchange } from './http1-exchange.ts';
import { cutShort } from './read-stream.ts';
import { sendBody } from './send-body.ts';

export interface Http1ConnectionOptions {
  readonly server: URL;
  /** See `ConnectionLimits`. */
  readonly waitingBytesMax: number | undefined;
  /** The connection can carry another request. */
  readonly onFree: (connection: Http1Connection) => void;
  readonly onClosed: (connection: Http1Connection) => void;
}

/** One connection in HTTP/1.1: one request after the other. */
export class Http1Connection implements ExchangePlace {
  readonly server: string;
  readonly waitingBytesMax: number | undefined;
  readonly #socket: Socket;
  readonly #options: Http1ConnectionOptions;
  #exchange: Http1Exchange | undefined;
  #isSent = true;
  #isPaused = false;
  #isUsed = false;
  #onRoom: (() => void) | undefined;
  #switched: ByteStream | undefined;

  constructor(socket: Socket, options: Http1ConnectionOptions) {
    this.server = options.server.origin;
    this.waitingBytesMax = options.waitingBytesMax;
    this.#socket = socket;
    this.#options = options;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('drain', this.#onDrain);
    socket.on('error', this.#onError).on('close', this.#onClose);
  }

  /** False when the server has closed it, or there was something to read although nobody had asked. */
  get isUsable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && !this.#socket.readableEnded;
  }

  /** True when it has carried a request before: the server may be about to close it. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Sends a request and answers as soon as the head of the answer is there. */
  send(request: HttpRequest, attempt: Attempt): Promise<HttpResponse> {
    return this.#begin(request, attempt).answer;
  }

  /** Asks for another protocol. The connection carries nothing else after it. */
  async upgrade(request: HttpRequest, attempt: Attempt): Promise<UpgradeAnswer> {
    const exchange = this.#begin(request, attempt, String(request.headers['upgrade'] ?? ''));
    const response = await exchange.answer;
    const stream = this.#switched;
    if (stream === undefined) return { kind: 'refused', response };
    return { kind: 'accepted', headers: response.headers, stream };
  }

  /** While it has no request, it does not keep the program running. */
  rest(): void {
    this.#socket.unref();
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  release(isKept: boolean): void {
    this.#exchange = undefined;
    // A server that answers early may not have read all that it was sent.
    if (!isKept || !this.#isSent || !this.isUsable) return this.cut();
    if (this.#isPaused) this.resume();
    this.#isUsed = true;
    this.#options.onFree(this);
  }

  switch(begun: Buffer): void {
    const socket = this.#socket;
    // At once: more may come before anybody reads the new protocol. It tells of its end itself.
    socket.off('data', this.#onData).off('end', this.#onEnd);
    this.#exchange = undefined;
    socket.pause();
    this.#switched = byteStreamOf(socket, begun);
  }

  cut(): void {
    this.#socket.destroy();
  }

  #begin(request: HttpRequest, attempt: Attempt, upgrade?: string): Http1Exchange {
    const isUpgrade = upgrade !== undefined;
    const exchange = new Http1Exchange({ method: request.method, isUpgrade }, attempt, this);
    this.#exchange = exchange;
    this.#socket.ref();
    if (this.#socket.destroyed) exchange.fail(this.#socket.errored ?? cutShort());
    else if (attempt.signal.aborted) exchange.fail(attempt.signal.reason);
    else this.#write(request, exchange, upgrade);
    return exchange;
  }

  #write(request: HttpRequest, exchange: Http1Exchange, upgrade: string | undefined): void {
    const { body } = request;
    const socket = this.#socket;
    const framing = requestFraming(request);
    const { host } = this.#options.server;
    const head = requestHead(request, { host, framing, upgrade });
    if (body === undefined) return void socket.write(head, 'latin1');
    this.#isSent = false;
    const onSent = (): void => void (this.#isSent = true);
    if (body instanceof Uint8Array) {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body, onSent);
      socket.uncork();
    } else {
      socket.write(head, 'latin1');
      const sink = { socket, exchange, room: this.#room };
      sendBody(body, framing, sink).then(onSent, (error: unknown) => exchange.fail(error));
    }
  }

  readonly #room = (): Promise<void> => new Promise((resolve) => (this.#onRoom = resolve));

  readonly #onData = (bytes: Buffer): void => {
    // Bytes that nobody asked for would be taken for the answer to the next request.
    if (this.#exchange === undefined) this.#socket.destroy();
    else this.#exchange.read(bytes);
  };

  readonly #onEnd = (): void => {
    if (this.#exchange === undefined) this.#socket.destroy();
    else this.#exchange.end();
  };

  readonly #onDrain = (): void => {
    this.#onRoom?.();
  };

  // What TLS refuses late is told in this way only: `errored` does not hold it.
  readonly #onError = (error: Error): void => {
    this.#exchange?.fail(error);
  };

  readonly #onClose = (): void => {
    this.#onRoom?.();
    this.#exchange?.fail(cutShort());
    this.#options.onClosed(this);
  };
}
